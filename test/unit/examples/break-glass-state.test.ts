import assert from "node:assert/strict";
import { readTokens, UnreadableState } from "../../../examples/break-glass/exported-state";
import { configuration, configured, deploymentOf, encrypted, exportOf, plain, resource } from "./exported-state";

const outputs = {
  accessToken: plain("a-fake-token"),
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  clientSecret: plain("a-fake-secret"),
  expiresAt: "2026-11-01T13:00:00Z",
};
const token = {
  id: "ci-0a1b2c3d",
  accessToken: "a-fake-token",
  clientId: "an-id",
  baseUrl: "https://cloud.mongodb.com",
  expiresAt: new Date("2026-11-01T13:00:00Z"),
  credentials: [
    { clientId: "an-id", clientSecret: "a-fake-secret" },
    { clientId: undefined, clientSecret: undefined },
  ],
};
const { expiresAt, ...withoutExpiry } = token;
const noSecret = [{ clientId: "an-id", clientSecret: undefined }, token.credentials[1]];
const config = configuration({
  "mongodbatlas:clientId": "another-id",
  "mongodbatlas:clientSecret": plain("a-configured-secret"),
});
const ours = resource("ci-0a1b2c3d", outputs);
const other = resource("ci-4e5f6a7b", { ...outputs, accessToken: plain("another-fake-token") });
const change = (changes: object): object => resource("ci-0a1b2c3d", { ...outputs, ...changes });

describe("what break-glass reads of a state", () => {
  const rows: { description: string; text: string; tokens: unknown[] }[] = [
    { description: "a token in an export", text: exportOf(ours), tokens: [token] },
    { description: "a deployment without the wrapper", text: JSON.stringify(deploymentOf(ours)), tokens: [token] },
    { description: "nothing but resources", text: JSON.stringify({ resources: [ours] }), tokens: [token] },
    { description: "a state with a byte order mark", text: `\ufeff${exportOf(ours)}`, tokens: [token] },
    { description: "an empty stack", text: JSON.stringify({ version: 3, deployment: { manifest: {} } }), tokens: [] },
    {
      description: "none of another type",
      text: exportOf(resource("x", outputs, { type: "pulumi-nodejs:dynamic/mongodbatlas:Something" })),
      tokens: [],
    },
    {
      description: "the one that a failed replacement left behind, too",
      text: exportOf(ours, { ...other, delete: true }),
      tokens: [token, { ...token, id: "ci-4e5f6a7b", accessToken: "another-fake-token" }],
    },
    {
      description: "the same token once",
      text: exportOf(ours, resource("ci-4e5f6a7b", outputs)),
      tokens: [token],
    },
    {
      description: "the same text of two Atlases twice",
      text: exportOf(ours, change({ baseUrl: "https://cloud.mongodbgov.com" })),
      tokens: [token, { ...token, baseUrl: "https://cloud.mongodbgov.com" }],
    },
    {
      description: "one without secret and expiry",
      text: exportOf(change({ clientSecret: undefined, expiresAt: undefined })),
      tokens: [{ ...withoutExpiry, credentials: noSecret }],
    },
    {
      description: "one whose expiry makes no sense",
      text: exportOf(change({ expiresAt: "soon" })),
      tokens: [withoutExpiry],
    },
    {
      description: "the stack's configuration beside the token's own secret",
      text: exportOf(config, { ...ours, ...configured }),
      tokens: [
        {
          ...token,
          credentials: [token.credentials[0], { clientId: "another-id", clientSecret: "a-configured-secret" }],
        },
      ],
    },
    { description: "no configuration of another provider", text: exportOf(config, ours), tokens: [token] },
    {
      description: "values that are no secrets",
      text: exportOf(change({ accessToken: "a-fake-token", clientSecret: "a-fake-secret" })),
      tokens: [token],
    },
    {
      description: "an empty secret as none",
      text: exportOf(change({ clientSecret: plain("") })),
      tokens: [{ ...token, credentials: noSecret }],
    },
    ...["accessToken", "clientId", "baseUrl"].flatMap((missing) =>
      [undefined, null, 7, {}, plain(null)].map((value) => ({
        description: `that ${missing} is missing where it is ${JSON.stringify(value)}`,
        text: exportOf(change({ [missing]: value })),
        tokens: [{ id: "ci-0a1b2c3d", missing }],
      })),
    ),
    {
      description: "one that has neither an id nor outputs",
      text: exportOf({ type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken" }),
      tokens: [{ id: "(no id)", missing: "accessToken" }],
    },
    {
      description: "resources that are none",
      text: JSON.stringify({ resources: [null, 7, [], ours] }),
      tokens: [token],
    },
  ];
  for (const { description, text, tokens } of rows) {
    it(description, () => assert.deepEqual(readTokens(text), tokens));
  }

  const mistakes: { description: string; text: string; message: RegExp }[] = [
    { description: "text that is no JSON", text: "{", message: /^the state is not JSON$/ },
    { description: "nothing", text: "\n", message: /^the state is empty: did `pulumi stack export` fail\?$/ },
    { description: "another JSON object", text: "{}", message: /holds no resources: .*--show-secrets/ },
    { description: "a list", text: "[]", message: /holds no resources/ },
    {
      description: "a token that is encrypted",
      text: exportOf(change({ accessToken: encrypted() })),
      message: /encrypted: export it again with `pulumi stack export --show-secrets`/,
    },
    {
      description: "a secret that is encrypted",
      text: exportOf(change({ clientSecret: encrypted() })),
      message: /encrypted/,
    },
    {
      description: "a secret that was cut off",
      text: exportOf(change({ accessToken: { ...plain(""), plaintext: '"a-fake' } })),
      message: /^the state is not JSON$/,
    },
  ];
  for (const { description, text, message } of mistakes) {
    it(`refuses ${description}`, () => {
      assert.throws(
        () => readTokens(text),
        (error) => error instanceof UnreadableState && message.test(error.message) && !error.message.includes("a-fake"),
      );
    });
  }
});
