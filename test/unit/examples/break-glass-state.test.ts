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
  id: "ci-0a1b2c3d",
  accessToken: "a-fake-token",
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  expiresAt: new Date("2026-11-01T13:00:00Z"),
  credentials: [own, nothing],
};
const { expiresAt, ...withoutExpiry } = token;
const stored = stateOf("ci-0a1b2c3d", outputs);
const changed = (changes: object): string => exportOf(stateOf("ci-0a1b2c3d", { ...outputs, ...changes }));

describe("the state that break glass reads", () => {
  const government = "https://cloud.mongodbgov.com";
  const accepted: [title: string, text: string, tokens: unknown[]][] = [
    ["is an export", exportOf(stored), [token]],
    ["can be its resources alone", JSON.stringify({ resources: [stored] }), [token]],
    ["can be of an empty stack", JSON.stringify({ version: 3, deployment: { manifest: {} } }), []],
    [
      "can contain other types, and values that are not resources",
      JSON.stringify({ resources: [null, 7, [], { ...stored, type: "mongodbatlas:index/project:Project" }] }),
      [],
    ],
    ["can contain a token twice", exportOf(stored, stateOf("other", outputs)), [token]],
    [
      "can contain the same token at two base URLs",
      exportOf(stored, stateOf("ci-0a1b2c3d", { ...outputs, baseUrl: government })),
      [token, { ...token, baseUrl: government }],
    ],
    ["can lack the expiry", changed({ expiresAt: undefined }), [withoutExpiry]],
    [
      "can lack outputs and the ID",
      exportOf({ ...stored, id: undefined, outputs: undefined }),
      [{ id: "(no ID)", missing: "accessToken" }],
    ],
  ];
  for (const [title, text, tokens] of accepted) it(title, () => assert.deepEqual(readTokens(text), tokens));

  it("contains the configuration of either form in the inputs of the provider that a token refers to", () => {
    const configured = { clientId: "another-id", clientSecret: "a-configured-secret" };
    const [clientId, clientSecret] = ["another-id", plain("a-configured-secret")];
    for (const { type, inputs } of [
      {
        type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
        inputs: { "mongodbatlas:clientId": clientId, "mongodbatlas:clientSecret": clientSecret },
      },
      { type: "atlas-token:index:ServiceAccountToken", inputs: { clientId, clientSecret } },
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
        assert.deepEqual(readTokens(changed({ [missing]: value })), [{ id: "ci-0a1b2c3d", missing }]);
      }
    }
  });

  it("has an expiry only if it is an RFC 3339 time", () => {
    const invalid = ["1", "soon", "2026-11-01", "2026-11-01 13:00:00Z", "2026-11-01T13:00:00", "2026-02-30T00:00:00Z"];
    for (const value of invalid) assert.deepEqual(readTokens(changed({ expiresAt: value })), [withoutExpiry], value);
    for (const value of ["2026-11-01T13:00:00.000Z", "2026-11-01T14:30:00+01:30"]) {
      assert.deepEqual(readTokens(changed({ expiresAt: value })), [token], value);
    }
  });

  const refused: [title: string, text: string, message: RegExp][] = [
    ["text that is not JSON", "{", /^the state is not valid JSON$/],
    ["no text", "\n", /^the state is empty; check whether `pulumi stack export` failed$/],
    ["another JSON object", "{}", /^this is not a Pulumi state; .*--show-secrets/],
    ["a list", "[]", /^this is not a Pulumi state/],
    ["an encrypted token", changed({ accessToken: encrypted }), /encrypted; export it again/],
    ["an encrypted client secret", changed({ clientSecret: encrypted }), /encrypted/],
    [
      "a truncated secret",
      changed({ accessToken: { ...plain(""), plaintext: '"a-fake' } }),
      /^the state is not valid JSON$/,
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
      for (const bytes of [Buffer.from(marked), utf16, Buffer.from(utf16).swap16()]) {
        assert.equal(decode(bytes), text);
      }
    }
    assert.throws(() => decode(Buffer.from([0x80, 0x81])), { message: "the state is not text in UTF-8 or UTF-16" });
  });
});

describe("the client secrets that break glass tries", () => {
  const from = (clientId: string | undefined, clientSecret: string): object => ({ clientId, clientSecret });
  const ours = { MONGODB_ATLAS_CLIENT_ID: "an-id", MONGODB_ATLAS_CLIENT_SECRET: "from-environment" };
  const rows: [title: string, configuration: object, env: Record<string, string>, secrets: string[]][] = [
    ["of the configuration", from("an-id", "configured"), {}, ["configured"]],
    ["of a configuration without a client ID", from(undefined, "configured"), {}, ["configured"]],
    ["not of another account's configuration", from("another-id", "configured"), {}, []],
    ["of the environment", nothing, ours, ["from-environment"]],
    [
      "of an environment with an empty client ID",
      nothing,
      { ...ours, MONGODB_ATLAS_CLIENT_ID: "" },
      ["from-environment"],
    ],
    ["not of another account's environment", nothing, { ...ours, MONGODB_ATLAS_CLIENT_ID: "another-id" }, []],
    ["not of an empty variable", nothing, { MONGODB_ATLAS_CLIENT_SECRET: "" }, []],
    ["in this order, without white space", from("an-id\n", "configured\r\n"), ours, ["configured", "from-environment"]],
    ["once", from("an-id", "from-environment"), ours, ["from-environment"]],
  ];
  for (const [title, configuration, env, secrets] of rows) {
    it(`are those ${title}`, () => {
      const credentials = [{ clientId: "an-id", clientSecret: undefined }, configuration];
      assert.deepEqual(candidateSecrets({ ...token, credentials }, env), secrets);
    });
  }
});
