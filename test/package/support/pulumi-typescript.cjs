"use strict";

// The compiler as Pulumi sets it up for a program that has neither one of its own nor a `tsconfig.json`.
const { typeScriptRequireStrings } = require("@pulumi/pulumi/tsutils");

const { tsnodeRequire, typescriptRequire } = typeScriptRequireStrings();
require(tsnodeRequire).register({
  compiler: typescriptRequire,
  skipProject: true,
  compilerOptions: { target: "es2020", module: "commonjs", moduleResolution: "node" },
});
