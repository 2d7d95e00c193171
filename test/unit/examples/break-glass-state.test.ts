import assert from "node:assert/strict";
import { decode, readTokens, UnreadableState } from "../../../examples/break-glass/exported-state";
import { candidateSecrets } from "../../../examples/break-glass/revoke";
import { encrypted, exportOf, plain, stateOf } from "./exported-state";

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
  id: "ci-1",
  accessToken: "a-fake-token",
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  expiresAt: new Date("2026-11-01T13:00:00Z"),
  credentials: [own, nothing],
};
const { expiresAt, ...withoutExpiry } = token;
const stored = stateOf("ci-1", outputs);
const changed = (changes: object): object => stateOf("ci-1", { ...outputs, ...changes });

describe("the state that break glass reads", () => {
  const government = { baseUrl: "https://cloud.mongodbgov.com" };
  const resources: [title: string, resources: unknown[], tokens: unknown[]][] = [
    ["a token", [stored], [token]],
    ["no resource", [], []],
    ["another type of resource", [{ ...stored, type: "mongodbatlas:index/project:Project" }], []],
    ["values that are not resources", [null, 7, []], []],
    ["a token twice", [stored, stateOf("other", outputs)], [token]],
    ["the same token at two base URLs", [stored, changed(government)], [token, { ...token, ...government }]],
    ["a token without outputs", [stateOf("ci-1", {})], [{ id: "ci-1", missing: "accessToken" }]],
    ["a token without an ID", [{ ...stored, id: undefined }], [{ ...token, id: "(no ID)" }]],
  ];
  for (const [title, contained, tokens] of resources) {
    it(`can contain ${title}`, () => assert.deepEqual(readTokens(exportOf(...(contained as object[]))), tokens));
  }

  it("can be a deployment alone, and has no resources in an empty stack", () => {
    assert.deepEqual(readTokens(JSON.stringify({ resources: [stored] })), [token]);
    assert.deepEqual(readTokens(JSON.stringify({ version: 3, deployment: { manifest: {} } })), []);
  });

  it("contains the configuration of either form in the inputs of the provider that a token refers to", () => {
    const configured = { clientId: "another-id", clientSecret: "a-configured-secret" };
    const [clientId, clientSecret] = ["another-id", plain("a-configured-secret")];
    const dynamic = { "mongodbatlas:clientId": clientId, "mongodbatlas:clientSecret": clientSecret };
    for (const [type, inputs] of [
      ["pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken", dynamic] as const,
      ["atlas-token:index:ServiceAccountToken", { clientId, clientSecret }] as const,
    ]) {
      const provider = { urn: "urn:pulumi:dev::app::pulumi:providers:pulumi-nodejs::default", id: "an-id", inputs };
      const referring = { ...stored, type, provider: `${provider.urn}::an-id` };
      assert.deepEqual(readTokens(exportOf(provider, referring)), [{ ...token, credentials: [own, configured] }]);
      assert.deepEqual(readTokens(exportOf(provider, { ...stored, type })), [token]);
    }
  });

  it("lacks a property whose value is not a non-empty string", () => {
    for (const missing of ["accessToken", "clientId", "baseUrl"]) {
      for (const value of [undefined, null, 7, {}, "", plain(null)]) {
        assert.deepEqual(readTokens(exportOf(changed({ [missing]: value }))), [{ id: "ci-1", missing }]);
      }
    }
  });

  it("has an expiry only if it is an RFC 3339 time", () => {
    const read = (value: unknown): unknown => readTokens(exportOf(changed({ expiresAt: value })))[0];
    const invalid = ["1", "soon", "2026-11-01", "2026-11-01 13:00:00Z", "2026-11-01T13:00:00", "2026-02-30T00:00:00Z"];
    for (const value of [undefined, ...invalid]) assert.deepEqual(read(value), withoutExpiry, value);
    for (const value of ["2026-11-01T13:00:00.000Z", "2026-11-01T14:30:00+01:30"]) assert.deepEqual(read(value), token);
  });

  const refused: [title: string, text: string, message: RegExp][] = [
    ["text that is not JSON", "{", /^the state is not valid JSON$/],
    ["no text", "\n", /^the state is empty; check whether `pulumi stack export` failed$/],
    ["another JSON object", "{}", /^this is not a Pulumi state; .*--show-secrets/],
    ["a list", "[]", /^this is not a Pulumi state/],
    ["an encrypted token", exportOf(changed({ accessToken: encrypted })), /encrypted; export it again/],
    ["an encrypted client secret", exportOf(changed({ clientSecret: encrypted })), /encrypted/],
    [
      "a truncated secret",
      exportOf(changed({ accessToken: { ...plain(""), plaintext: '"a-fake' } })),
      /not valid JSON$/,
    ],
  ];
  for (const [title, text, message] of refused) {
    it(`cannot be ${title}`, () => {
      assert.throws(
        () => readTokens(text),
        (error) => error instanceof UnreadableState && message.test(error.message) && !error.message.includes("a-fake"),
      );
    });
  }

  it("can be in UTF-8 or UTF-16, with or without a byte order mark, as shells redirect it", () => {
    const text = exportOf(stored);
    for (const marked of [text, `\ufeff${text}`]) {
      const utf16 = Buffer.from(marked, "utf16le");
      for (const bytes of [Buffer.from(marked), utf16, Buffer.from(utf16).swap16()]) assert.equal(decode(bytes), text);
    }
    assert.throws(() => decode(Buffer.from([0x80, 0x81])), { message: "the state is not text in UTF-8 or UTF-16" });
  });
});

describe("the client secrets that break glass tries", () => {
  const clientSecret = " a-secret\r\n";

  for (const clientId of [undefined, "", "an-id\r\n"]) {
    it(`are those of client ID ${JSON.stringify(clientId)}, from the configuration or the environment`, () => {
      const env = { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret };
      assert.deepEqual(candidateSecrets({ ...token, credentials: [{ clientId, clientSecret }] }, {}), ["a-secret"]);
      assert.deepEqual(candidateSecrets({ ...token, credentials: [nothing] }, env), ["a-secret"]);
    });
  }

  it("are not those of another account", () => {
    const env = { MONGODB_ATLAS_CLIENT_ID: "another-id", MONGODB_ATLAS_CLIENT_SECRET: clientSecret };
    assert.deepEqual(candidateSecrets({ ...token, credentials: [{ clientId: "another-id", clientSecret }] }, env), []);
  });

  it("are in the order of the token, the configuration and the environment, each once and none empty", () => {
    const credentials = [own, { clientSecret: "configured" }, { clientSecret: " " }, own];
    const secrets = ["a-fake-secret", "configured", "of the environment"];
    const env = { MONGODB_ATLAS_CLIENT_SECRET: "of the environment" };
    assert.deepEqual(candidateSecrets({ ...token, credentials }, env), secrets);
  });
});
