import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { defaultClientId, defaultClientSecret, type LogEntry } from "../../../examples/local-atlas";
import { basic, Fixture } from "./support";

describe("the log of Local Atlas", () => {
  const local = new Fixture();
  const last = (): LogEntry => local.atlas.log().at(-1)!;
  const fingerprint = (text: string): string =>
    `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;

  it("lists the requests to the two endpoints, with tokens as their jti, and is served at /log", async () => {
    const token = await local.token();
    local.wait(1.5);
    for (let sent = 0; sent < 2; sent += 1) await local.revoke(token);
    await local.send("/elsewhere");
    const { jti: name } = local.atlas.tokens()[0]!;
    const common = { clientId: defaultClientId, userAgent: "node", status: 200 };
    const issue = { time: "2026-11-01T12:00:00.000Z", endpoint: "issue", ...common };
    const revoke = { time: "2026-11-01T12:00:01.500Z", endpoint: "revoke", ...common };
    const expected = [
      { sequence: 1, ...issue, token: { name, known: false, active: false } },
      { sequence: 2, ...revoke, token: { name, known: true, active: true } },
      { sequence: 3, ...revoke, token: { name, known: true, active: false } },
    ];
    assert.deepEqual(local.atlas.log(), expected);
    assert.deepEqual(JSON.parse((await local.send("/log", {})).text), expected);
    Object.assign(last(), { status: 418 });
    assert.equal(last().status, 200, "a caller changed the log");
  });

  it("contains the status that an envelope replaces", async () => {
    await local.issue({ authorization: null, query: "?envelope=true" });
    assert.deepEqual([last().status, last().clientId, last().token], [401, null, null]);
  });

  it("contains no secret, no token and no Authorization header, wherever a client sends them", async () => {
    const token = await local.token();
    const misplaced = "misplaced-secret";
    await local.revoke(token, { authorization: basic(defaultClientId, misplaced) });
    await local.revoke(misplaced);
    assert.deepEqual(last().token, { name: fingerprint(misplaced), known: false, active: false });
    await local.revoke(token, { query: `?token=${token}` });
    await local.issue({ authorization: basic(defaultClientSecret, defaultClientId) });
    await local.issue({ authorization: basic(misplaced, misplaced) });
    assert.equal(last().clientId, fingerprint(misplaced));
    await local.issue({ authorization: `Bearer ${token}` });
    await local.issue({ form: `grant_type=${misplaced}&client_secret=${misplaced}` });
    local.atlas.failNext("revoke", 500, { body: { echo: misplaced } });
    await local.revoke(token);

    const log = JSON.stringify(local.atlas.log()) + (await local.send("/log", {})).text;
    const [, claims = "", signature = ""] = token.split(".");
    const base64Pair = basic(defaultClientId, defaultClientSecret).slice("Basic ".length);
    for (const secret of [token, claims, signature, defaultClientSecret, misplaced, base64Pair, "Basic", "Bearer"]) {
      assert.ok(!log.includes(secret), `the log contains ${secret}`);
    }
  });
});
