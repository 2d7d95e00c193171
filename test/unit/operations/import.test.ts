import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diff } from "../../../provider/operations/diff";
import { importToken } from "../../../provider/operations/import";
import { golden } from "../../support/golden";
import {
  assertNothingSecret,
  clientId,
  eventsOf,
  fakeContext,
  HOUR,
  inputsWith,
  jwt,
  MINUTE,
  origin,
  secrets,
  time,
  userFacing,
} from "./fake";

const token = jwt({ iat: -HOUR, exp: 5 * MINUTE });
const account = {
  MONGODB_ATLAS_CLIENT_ID: clientId,
  MONGODB_ATLAS_CLIENT_SECRET: secrets.env,
  MONGODB_ATLAS_BASE_URL: origin,
};

describe("import", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "import-"))));
  after(() => rmSync(folder, { recursive: true }));

  for (const kind of ["env", "file"]) {
    it(`takes over the token from ${kind}: as if it had been issued here`, () => {
      const file = join(folder, "token");
      writeFileSync(file, `${token}\r\n`);
      const context = fakeContext({ env: { ...account, MY_TOKEN: `${token}\n` } });
      const { id, inputs, outs } = importToken(kind === "env" ? "env:MY_TOKEN" : `file:${file}`, "ci", context);
      assert.match(id, /^ci-[0-9a-f]{8}$/);
      assert.deepEqual(inputs, inputsWith());
      const outputs = { accessToken: token, tokenType: "Bearer", issuedAt: time(-HOUR), expiresAt: time(5 * MINUTE) };
      assert.deepEqual(outs, { ...inputs, ...outputs });
      assert.deepEqual(eventsOf(context), [["imported", id]]);
      // A program with the resource option `import` fails if the first comparison finds a difference.
      const replaces = [0, 1].map(() => diff(id, outs, inputs, context).replaces);
      assert.deepEqual(replaces, [[], ["expiresAt"]], "the next run renews it");
    });
  }

  for (const [file, importId, env] of [
    ["token-as-id", token, account],
    ["unset-variable", `env:${token}`, account],
    ["empty-variable", "env:MY_TOKEN", { ...account, MY_TOKEN: " " }],
    ["missing-file", "file:/nonexistent/token", account],
    ["mangled", "env:MY_TOKEN", { ...account, MY_TOKEN: `Bearer ${token}` }],
    ["expired", "env:MY_TOKEN", { ...account, MY_TOKEN: jwt({ exp: -HOUR }) }],
    ["no-service-account", "env:MY_TOKEN", { MY_TOKEN: token }],
  ] as const) {
    it(`fails as test/golden/resource/import-${file}.txt says, without the token`, async () => {
      const context = fakeContext({ env, namespace: "atlas-token" });
      const error = await userFacing(() => importToken(importId, "ci", context));
      golden(`resource/import-${file}.txt`, error.message);
      assertNothingSecret(error, [token]);
      assert.deepEqual(context.events, []);
    });
  }
});
