import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../../examples/local-atlas";
import { assertFailure, basic, endpoints, Fixture } from "./support";

const pair = `${defaultClientId}:${defaultClientSecret}`;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("credentials", () => {
  const local = new Fixture({
    clients: {
      [defaultClientId]: defaultClientSecret,
      "id with: space": "sécret+ %&:end",
      rotating: ["old-secret", "new-secret"],
    },
  });

  const accepted = [
    { description: "the pair in base64", authorization: `Basic ${base64(pair)}` },
    { description: "the scheme in another case", authorization: `bAsIc ${base64(pair)}` },
    {
      description: "both halves form-urlencoded",
      authorization: basic("id+with%3A+space", "s%C3%A9cret%2B+%25%26%3Aend"),
    },
    {
      description: "a space as %20, a colon in the secret as it is",
      authorization: basic("id%20with%3a%20space", "s%C3%A9cret%2B%20%25%26:end"),
    },
    { description: "the old secret during a rotation", authorization: basic("rotating", "old-secret") },
    { description: "the new secret during a rotation", authorization: basic("rotating", "new-secret") },
  ];

  const refused = [
    { description: "no header", authorization: null },
    { description: "a wrong secret", authorization: basic(defaultClientId, "wrong-secret") },
    { description: "the secret's beginning", authorization: basic(defaultClientId, defaultClientSecret.slice(0, -1)) },
    { description: "an empty secret", authorization: basic(defaultClientId, "") },
    { description: "an unknown client id", authorization: basic("unknown-client", defaultClientSecret) },
    { description: "a name that every object has", authorization: basic("constructor", defaultClientSecret) },
    { description: "another client's secret", authorization: basic("rotating", defaultClientSecret) },
    { description: "no colon", authorization: `Basic ${base64(defaultClientId)}` },
    { description: "the pair without base64", authorization: `Basic ${pair}` },
    { description: "a stray percent sign", authorization: basic(defaultClientId, "100%") },
    { description: "a Bearer header", authorization: `Bearer ${base64(pair)}` },
    { description: "a scheme alone", authorization: "Basic" },
  ];

  for (const endpoint of endpoints) {
    for (const { description, authorization } of accepted) {
      it(`${endpoint} accepts ${description}`, async () => {
        assert.equal((await local.valid(endpoint, { authorization })).status, 200);
      });
    }

    for (const { description, authorization } of refused) {
      it(`${endpoint} refuses ${description}`, async () => {
        const reply = await local.valid(endpoint, { authorization });
        assertFailure(reply, 401, "invalid_client");
        assert.match(reply.headers.get("www-authenticate") ?? "", /^Digest realm="MMS Public API"/);
        assert.deepEqual(local.atlas.tokens(), []);
      });
    }
  }

  it("checks the credentials before the form", async () => {
    const authorization = basic(defaultClientId, "wrong-secret");
    assertFailure(await local.issue({ authorization, form: "" }), 401, "invalid_client");
  });

  it("leaves a token alone whose revocation had the wrong secret", async () => {
    const token = await local.token();
    await local.revoke(token, { authorization: basic(defaultClientId, "wrong-secret") });
    assert.equal(local.atlas.isActive(token), true);
  });

  it("lets the new secret revoke what the old one issued, after the old one is gone", async () => {
    const token = await local.token({ authorization: basic("rotating", "old-secret") });
    local.atlas.setSecrets("rotating", ["new-secret"]);
    assert.equal(local.atlas.isActive(token), true);

    assertFailure(await local.revoke(token, { authorization: basic("rotating", "old-secret") }), 401, "invalid_client");
    assert.equal((await local.revoke(token, { authorization: basic("rotating", "new-secret") })).status, 200);
    assert.equal(local.atlas.isActive(token), false);
  });

  it("does not follow changes of the array that was given", async () => {
    const secrets = ["first-secret"];
    local.atlas.setSecrets("rotating", secrets);
    secrets.push("second-secret");
    assertFailure(await local.issue({ authorization: basic("rotating", "second-secret") }), 401, "invalid_client");
  });

  it("can add an account", async () => {
    local.atlas.setSecrets("added", ["added-secret"]);
    assert.equal((await local.issue({ authorization: basic("added", "added-secret") })).status, 200);
  });

  it("refuses a removed account and revokes its tokens, and only those", async () => {
    const removed = await local.token();
    const kept = await local.token({ authorization: basic("rotating", "old-secret") });
    local.atlas.removeClient(defaultClientId);

    assertFailure(await local.issue(), 401, "invalid_client");
    assert.equal(local.atlas.isActive(removed), false);
    assert.equal(local.atlas.isActive(kept), true);
  });
});

describe("without accounts of its own choice, local Atlas", () => {
  const local = new Fixture();

  it("knows its two constants", async () => {
    assert.equal((await local.issue({ authorization: basic("local-atlas-client", "local-atlas-secret") })).status, 200);
  });
});
