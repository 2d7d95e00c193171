import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expiredTokenViolation } from "../../examples/policy/pack/rules";
import { blocks, pages, root } from "./pages";

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

describe("the policy example", () => {
  const packaged = "atlas-token:index:ServiceAccountToken";
  for (const [verdict, type = "", stack, renewBefore] of [
    ["refuses", "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken", "prod", "never"],
    ["refuses", packaged, "prod", "never"],
    ["allows", packaged, "prod", "10m"],
    ["allows", packaged, "dev", "never"],
    ["allows", "random:index:RandomId", "prod", "never"],
  ]) {
    it(`${verdict} a ${type} in ${stack} with renewBefore ${renewBefore}`, () => {
      const seen = { type, urn: `urn:pulumi:${stack}::project::${type}::ci`, props: { renewBefore } };
      const violation = "Stack prod keeps an expired token. Set renewBefore to a duration such as 10m.";
      assert.equal(expiredTokenViolation(seen, ["prod"]), verdict === "refuses" ? violation : undefined);
    });
  }
});

describe("the README of an example", () => {
  for (const { page, line, code } of blocks) {
    if (!page.startsWith("examples/") || page.includes("local-atlas") || !code.includes("npm run ")) continue;
    it(`begins in a clone with npm ci: ${page}:${line}`, () => {
      const { text } = pages.find(({ path }) => path === page)!;
      assert.ok(text.slice(0, text.indexOf("npm run ", text.indexOf("## Run it"))).includes("npm ci"));
    });
  }
});

describe("the templates", () => {
  for (const name of readdirSync(join(root, "examples/templates"))) {
    it(`${name} asks for the credentials, and takes the project's name and this version`, () => {
      const project = read("examples/templates", name, "Pulumi.yaml");
      assert.match(project, /^name: \$\{PROJECT\}$/m);
      assert.match(project, /^description: \$\{DESCRIPTION\}$/m);
      assert.match(project, /:clientSecret:\n.*\n\s+secret: true/);
      if (!name.endsWith("-typescript")) return;
      const { version } = JSON.parse(read("package.json")) as { version: string };
      assert.ok(read("examples/templates", name, "package.json").includes(`"pulumi-atlas-token": "^${version}"`));
    });
  }
});
