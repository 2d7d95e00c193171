/* Written for every Node.js, however old, so that one that is too old is named instead of failing with a syntax error. */
var required = "20.18.1";
var wanted = required.split(".").map(Number);
var found = process.versions.node.split(".").map(Number);
var missing = wanted[0] - found[0] || wanted[1] - found[1] || wanted[2] - found[2];
if (missing > 0) {
  var problem = "pulumi-resource-atlas-token needs Node.js " + required + " or later, and found " + process.version;
  console.error(problem + ": install a newer version (https://nodejs.org) and put it first on the PATH");
  process.exit(1);
}
require("./plugin.js");
