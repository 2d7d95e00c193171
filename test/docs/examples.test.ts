import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expiredTokenViolation } from "../../examples/policy/rules";
import { root } from "./pages";

describe("the policy example", () => {
  const production = ["prod"];
  const token = (stack: string, renewBefore: unknown, type = "atlas-token:index:ServiceAccountToken") => ({
    type,
    urn: `urn:pulumi:${stack}::project::${type}::ci`,
    props: { renewBefore },
  });

  it("refuses a production token of either form that is kept after it has expired", () => {
    assert.match(expiredTokenViolation(token("prod", "never"), production) ?? "", /Stack prod keeps an expired token/);
    const dynamic = token("prod", "never", "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken");
    assert.notEqual(expiredTokenViolation(dynamic, production), undefined);
  });

  it("allows renewed tokens, other stacks and other resources", () => {
    for (const seen of [token("prod", "10m"), token("dev", "never"), token("prod", "never", "random:index:RandomId")]) {
      assert.equal(expiredTokenViolation(seen, production), undefined);
    }
  });
});

describe("the templates", () => {
  for (const name of readdirSync(join(root, "templates"))) {
    const read = (file: string): string => readFileSync(join(root, "templates", name, file), "utf8");

    it(`${name} asks for the credentials and takes the project's name`, () => {
      const project = read("Pulumi.yaml");
      assert.match(project, /^name: \$\{PROJECT\}$/m);
      assert.match(project, /^description: \$\{DESCRIPTION\}$/m);
      assert.match(project, /:clientSecret:\n.*\n\s+secret: true/);
    });

    if (!name.endsWith("-typescript")) continue;

    it(`${name} depends on this version of the package`, () => {
      const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
      assert.ok(read("package.json").includes(`"pulumi-atlas-token": "^${version}"`));
    });
  }
});
