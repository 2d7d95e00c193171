import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { cleanEnv } from "../support/clean-env";

const OLD = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.9.0" } });`;
/** As Pulumi's host prints the error of an operation. */
const asHost = (call: string): string =>
  `Promise.resolve().then(() => require("pulumi-atlas-token/host").${call}).catch((error) => console.error(\`\${error}: \${error.stack}\`))`;

describe("a Node.js that is too old is named, with the one that is needed,", () => {
  for (const [form, script] of Object.entries({
    "when a program imports the resource": `require("pulumi-atlas-token")`,
    "when a script imports the client": `require("pulumi-atlas-token/oauth")`,
    "by a preview or an update": asHost(`check({}, { clientId: "a" })`),
    "by a refresh": asHost(`read("ci-1", { clientId: "a" })`),
    "by a destroy": asHost(`delete("ci-1", { clientId: "a" })`),
  })) {
    it(form, () => {
      const options = { cwd: join(__dirname, "..", ".."), env: cleanEnv({}) };
      const { stderr } = spawnSync(process.execPath, ["-e", `${OLD}${script}`], options);
      assert.match(
        String(stderr),
        /^(?:.*Error: )?pulumi-atlas-token:? needs Node\.js 20\.18\.1 or later, and found v\S+: install a newer .*$/m,
      );
    });
  }
});
