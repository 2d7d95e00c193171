import assert from "node:assert/strict";
import { readTokens, UnreadableState } from "../../../examples/break-glass/exported-state";
import { configuration, deploymentOf, encrypted, exportOf, plain, resource } from "./exported-state";

const outputs = {
  accessToken: plain("a-fake-token"),
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  clientSecret: plain("a-fake-secret"),
  expiresAt: "2026-11-01T13:00:00Z",
};
const own = { clientId: "an-id", clientSecret: "a-fake-secret" };
const nothing = { clientId: undefined, clientSecret: undefined };
const token = {
  id: "ci-0a1b2c3d",
  accessToken: "a-fake-token",
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  expiresAt: new Date("2026-11-01T13:00:00Z"),
  credentials: [own, nothing],
};
const { expiresAt, ...withoutExpiry } = token;
const withoutSecret = { ...token, credentials: [{ ...own, clientSecret: undefined }, nothing] };
const configured = { clientId: "another-id", clientSecret: "a-configured-secret" };
const stored = resource("ci-0a1b2c3d", outputs);
const change = (changes: object): object => resource("ci-0a1b2c3d", { ...outputs, ...changes });
const dynamicConfig = configuration({
  "mongodbatlas:clientId": "another-id",
  "mongodbatlas:clientSecret": plain("a-configured-secret"),
});
const packagedConfig = configuration({ clientId: "another-id", clientSecret: plain("a-configured-secret") });
const provider = { provider: `${dynamicConfig.urn}::${dynamicConfig.id}` };

describe("the state that break glass reads", () => {
  const rows: { title: string; text: string; tokens: unknown[] }[] = [
    { title: "is an export", text: exportOf(stored), tokens: [token] },
    { title: "can be a deployment alone", text: JSON.stringify(deploymentOf(stored)), tokens: [token] },
    { title: "can be its resources alone", text: JSON.stringify({ resources: [stored] }), tokens: [token] },
    {
      title: "can be of an empty stack",
      text: JSON.stringify({ version: 3, deployment: { manifest: {} } }),
      tokens: [],
    },
    {
      title: "can contain other types, and values that are not resources",
      text: JSON.stringify({ resources: [null, 7, [], { ...stored, type: "mongodbatlas:index/project:Project" }] }),
      tokens: [],
    },
    {
      title: "can contain a token of the packaged provider, with the configuration of that provider",
      text: exportOf(packagedConfig, { ...stored, ...provider, type: "atlas-token:index:ServiceAccountToken" }),
      tokens: [{ ...token, credentials: [own, configured] }],
    },
    {
      title: "can contain the configuration of the stack",
      text: exportOf(dynamicConfig, { ...stored, ...provider }),
      tokens: [{ ...token, credentials: [own, configured] }],
    },
    {
      title: "can contain the configuration of another provider",
      text: exportOf(dynamicConfig, stored),
      tokens: [token],
    },
    { title: "can contain a token twice", text: exportOf(stored, resource("other", outputs)), tokens: [token] },
    {
      title: "can contain the same token at two base URLs",
      text: exportOf(stored, change({ baseUrl: "https://cloud.mongodbgov.com" })),
      tokens: [token, { ...token, baseUrl: "https://cloud.mongodbgov.com" }],
    },
    { title: "can lack the expiry", text: exportOf(change({ expiresAt: undefined })), tokens: [withoutExpiry] },
    {
      title: "can lack the client secret",
      text: exportOf(change({ clientSecret: plain("") })),
      tokens: [withoutSecret],
    },
    {
      title: "can contain secrets in plain text",
      text: exportOf(change({ accessToken: "a-fake-token", clientSecret: "a-fake-secret" })),
      tokens: [token],
    },
    {
      title: "can lack outputs and the ID",
      text: exportOf({ ...stored, id: undefined, outputs: undefined }),
      tokens: [{ id: "(no ID)", missing: "accessToken" }],
    },
  ];
  for (const { title, text, tokens } of rows) it(title, () => assert.deepEqual(readTokens(text), tokens));

  for (const missing of ["accessToken", "clientId", "baseUrl"]) {
    it(`lacks ${missing} if its value is not a non-empty string`, () => {
      for (const value of [undefined, null, 7, {}, "", plain(null)]) {
        assert.deepEqual(readTokens(exportOf(change({ [missing]: value }))), [{ id: "ci-0a1b2c3d", missing }]);
      }
    });
  }

  it("has an expiry only if it is an RFC 3339 time", () => {
    const invalid = ["1", "soon", "2026-11-01", "2026-11-01 13:00:00Z", "2026-11-01T13:00:00", "2026-02-30T00:00:00Z"];
    for (const value of invalid) assert.deepEqual(readTokens(exportOf(change({ expiresAt: value }))), [withoutExpiry]);
    for (const value of ["2026-11-01T13:00:00.000Z", "2026-11-01T14:30:00+01:30"]) {
      assert.deepEqual(readTokens(exportOf(change({ expiresAt: value }))), [token]);
    }
  });

  const mistakes: { title: string; text: string; message: RegExp }[] = [
    { title: "text that is not JSON", text: "{", message: /^the state is not valid JSON$/ },
    { title: "no text", text: "\n", message: /^the state is empty; check whether `pulumi stack export` failed$/ },
    { title: "another JSON object", text: "{}", message: /^this is not a Pulumi state; .*--show-secrets/ },
    { title: "a list", text: "[]", message: /^this is not a Pulumi state/ },
    {
      title: "an encrypted token",
      text: exportOf(change({ accessToken: encrypted() })),
      message: /encrypted; export it again/,
    },
    {
      title: "an encrypted client secret",
      text: exportOf(change({ clientSecret: encrypted() })),
      message: /encrypted/,
    },
    {
      title: "a truncated secret",
      text: exportOf(change({ accessToken: { ...plain(""), plaintext: '"a-fake' } })),
      message: /^the state is not valid JSON$/,
    },
  ];
  for (const { title, text, message } of mistakes) {
    it(`cannot be ${title}`, () => {
      assert.throws(
        () => readTokens(text),
        (error) => error instanceof UnreadableState && message.test(error.message) && !error.message.includes("a-fake"),
      );
    });
  }
});
