import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";

import { issueToken } from "../../../provider/oauth/index";
import type { IssuedToken } from "../../../provider/oauth/issue";
import { ClientFixture, credentials } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { documented, issued, serverDate as date, serverTime, type Scripted } from "../../support/oauth/scripted-server";
import { hour } from "../../support/oauth/times";

const { version } = JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as { version: string };
const accessToken = contract.issued.body.access_token;
const text = JSON.stringify(contract.issued.body);
const token: IssuedToken = {
  accessToken,
  tokenType: "Bearer",
  issuedAt: new Date(serverTime),
  expiresAt: new Date(serverTime + hour),
};

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

function raw(body: string | Buffer, headers: Scripted["headers"] = {}): Scripted {
  return { status: 200, headers: { date, ...headers }, body };
}

function encoded(encoding: string, body: Buffer): Scripted {
  return raw(body, { "content-type": "application/json", "content-encoding": encoding });
}

describe("issue", () => {
  const client = new ClientFixture();

  it("sends what Atlas documents, on a connection of its own", async () => {
    client.server.script("issue", issued());
    await client.token({ baseUrl: `${client.server.baseUrl}/` });
    const { method, target, headers, body } = client.server.received[0]!;
    assert.deepEqual([method, target, body], ["POST", contract.tokenPath, "grant_type=client_credentials"]);
    const expected = {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": `pulumi-atlas-token/${version}`,
      connection: "close",
    };
    assert.deepEqual({ ...headers, ...expected }, headers);
  });

  const accepted: Record<string, Scripted> = {
    "a token_type in other letters": issued({ token_type: "bEARER" }),
    "unknown fields": issued({ scope: "x", refresh_token: {} }),
    "a 201": { ...issued(), status: 201 },
    "no content type": raw(text),
    "the content type of HTML": raw(text, { "content-type": "text/html" }),
    "an unknown charset": raw(text, { "content-type": "application/json;charset=x-none" }),
    "UTF-16": raw(Buffer.from(text, "utf16le"), { "content-type": "application/json; charset=utf-16le" }),
    "a byte order mark": raw(`\ufeff${text}`),
    "white space around it": raw(`\r\n ${text}\n`),
    "a connection that breaks after the JSON": { ...issued(), cut: true },
    "gzip in spite of identity": encoded("gzip", gzipSync(text)),
    "brotli in spite of identity": encoded("br", brotliCompressSync(text)),
    "deflate in spite of identity": encoded("Deflate", deflateSync(text)),
    "deflate without the header of zlib": encoded("deflate", deflateRawSync(text)),
    "two encodings": encoded("gzip, br", brotliCompressSync(gzipSync(text))),
    "gzip that breaks after the JSON": encoded("gzip", gzipSync(`${text}${" ".repeat(9)}`).subarray(0, -8)),
    "an encoding that is not meant": encoded("gzip", Buffer.from(text)),
  };
  for (const [description, response] of Object.entries(accepted)) {
    it(`accepts a response with ${description}`, async () => {
      client.server.script("issue", response);
      assert.deepEqual(await client.token(), token);
    });
  }

  /** An `exp` so many milliseconds after the server's time. */
  const exp = (milliseconds: number): object => ({ access_token: jwt({ exp: (serverTime + milliseconds) / 1000 }) });
  const lifetimes: readonly (readonly [string, object, number])[] = [
    ["expires_in", { expires_in: 1800 }, hour / 2],
    ["expires_in with a fraction", { expires_in: 0.5 }, 500],
    ["a later exp", exp(2 * hour), 2 * hour],
    ["expires_in if exp is earlier", exp(hour / 2), hour],
    ["exp alone", { ...exp(hour / 2), expires_in: undefined }, hour / 2],
    ["expires_in if exp is in milliseconds", { access_token: jwt({ exp: serverTime }) }, hour],
    ["the documented hour if there is neither", { expires_in: undefined }, hour],
    ...["1800", 0, -1, null, true, {}, 1e300].map(
      (expires_in) => [`the hour if expires_in is ${JSON.stringify(expires_in)}`, { expires_in }, hour] as const,
    ),
    ["exp if expires_in is 0", { ...exp(hour / 2), expires_in: 0 }, hour / 2],
  ];
  for (const [description, body, lifetime] of lifetimes) {
    it(`takes the lifetime from ${description}, whatever this machine's clock says`, async () => {
      client.server.script("issue", issued(body));
      for (const offset of [0, 72 * hour, -72 * hour]) {
        client.calls.clock.wallOffset = offset;
        const { issuedAt, expiresAt } = await client.token();
        assert.deepEqual([issuedAt, expiresAt], [token.issuedAt, new Date(serverTime + lifetime)]);
      }
    });
  }

  for (const years of [-10, 10]) {
    it(`takes the times from the JWT if the Date is ${years} years off`, async () => {
      const off = { date: new Date(serverTime + years * 365 * 24 * hour).toUTCString() };
      const [iat, end] = [serverTime / 1000, (serverTime + hour) / 1000];
      client.server.script("issue", issued({ access_token: jwt({ iat, exp: end }) }, off));
      const { issuedAt, expiresAt } = await client.token();
      assert.deepEqual([issuedAt, expiresAt], [token.issuedAt, token.expiresAt]);
      client.server.script("issue", issued({ access_token: jwt({ exp: end }) }, off));
      assert.deepEqual((await client.token()).expiresAt, token.expiresAt);
    });
  }

  for (const unusable of [undefined, "5", "", "Fri, 31 Dec 9999 23:59:59 GMT"]) {
    it(`takes this machine's time if the Date is ${unusable ?? "missing"}`, async () => {
      client.server.script("issue", issued({}, unusable === undefined ? {} : { date: unusable }));
      const { issuedAt, expiresAt } = await client.token();
      assert.deepEqual([issuedAt.getTime(), expiresAt.getTime() - hour], Array(2).fill(client.calls.clock.now()));
    });
  }

  const long = JSON.stringify({ ...contract.issued.body, scope: "x".repeat(70_000) });
  const invalid = "the response contains no valid access_token";
  const unusable: readonly (readonly [string, Scripted, string?])[] = [
    ["an empty body", { status: 200 }],
    ["a 204", { status: 204 }],
    ["JSON null", raw("null")],
    ["an array", { status: 200, body: [contract.issued.body] }],
    ["HTML", raw("<html>Log in</html>")],
    ["half of the JSON", raw('{"access_token":"fake-tok')],
    ["garbage", raw(Buffer.from([0xff, 0xfe, 0x00, 0x80]))],
    ["an envelope", { status: 200, body: { status: 200, content: contract.issued.body } }],
    ["an unknown encoding", encoded("zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))],
    ...[undefined, null, "", 5, {}, ["a"], "\ud800", "fake token", "fake-token\n"].map(
      (access_token) => [`an access_token of ${JSON.stringify(access_token)}`, issued({ access_token })] as const,
    ),
    ["a truncated body", { ...raw('{"access_token":"fake-tok'), cut: true }, "the response was truncated"],
    ["no body at all before it breaks", { status: 200, cut: true }, "the response was truncated"],
    ["more than 64 KiB", raw(long), "the response was truncated"],
    ["more than 64 KiB once decoded", encoded("gzip", gzipSync(long)), "the response was truncated"],
  ];
  for (const [description, response, problem = invalid] of unusable) {
    it(`warns that a token may exist after a success with ${description}`, async () => {
      client.server.script("issue", response);
      const { code, status, retryable, mayHaveIssued, attempts, description: told } = await rejection(client.issue());
      assert.deepEqual([code, status, attempts], ["unexpected_response", response.status, 1]);
      assert.deepEqual({ retryable, mayHaveIssued, told }, { retryable: false, mayHaveIssued: true, told: problem });
    });
  }

  it("reads Atlas's words in the charset that the response names, and otherwise as UTF-8", async () => {
    const body = Buffer.from('{"error_description":"müde"}', "latin1");
    for (const [type, words] of [
      ['text/plain; charset="ISO-8859-1"', "müde"],
      ["application/json", "m\ufffdde"],
    ] as const) {
      client.server.script("issue", { status: 401, headers: { "content-type": type }, body });
      assert.equal((await rejection(client.issue())).description, words);
    }
  });

  it("is public, in real time", async () => {
    client.server.script("issue", issued());
    assert.deepEqual(await issueToken({ baseUrl: client.server.baseUrl, ...credentials }), token);
  });
});

describe("issue of a token of another type than Bearer", () => {
  const client = new ClientFixture();
  beforeEach(() => client.server.script("issue", issued({ token_type: "MAC" })));

  for (const [token_type, told] of [
    ["MAC", "MAC"],
    ["Bearer, MAC", "Bearer, MAC"],
    ["\u001b[31mMAC\u202e", "MAC"],
    ["", "another type"],
    [undefined, "none"],
    [{ type: "Bearer" }, "none"],
    [credentials.clientSecret, "***"],
    [accessToken, "***"],
  ] as const) {
    it(`revokes the token and names the type ${JSON.stringify(token_type)} as ${told}`, async () => {
      client.server.script("issue", issued({ token_type }));
      client.server.script("revoke", contract.revoked);
      const { code, status, retryable, mayHaveIssued, attempts, description } = await rejection(client.issue());
      const outcome = [code, status, retryable, mayHaveIssued, attempts];
      assert.deepEqual(outcome, ["unexpected_response", 200, false, false, 1]);
      assert.equal(description, `expected token_type Bearer, got ${told}; the token was revoked`);
      const [revoke] = client.server.to("revoke");
      assert.equal(new URLSearchParams(revoke?.body).get("token"), accessToken);
      assert.deepEqual(readBasic(revoke?.headers.authorization), credentials);
    });
  }

  it("revokes the token however far this machine's clock is off", async () => {
    client.server.script("revoke", contract.revoked);
    for (const offset of [-240, 240]) {
      client.calls.clock.wallOffset = offset * hour;
      await rejection(client.issue());
    }
    assert.equal(client.server.to("revoke").length, 2);
  });

  it("retries the revocation although the caller aborts and the listeners throw", async () => {
    const controller = new AbortController();
    client.server.script("revoke", () => (controller.abort(), { status: 500 }), contract.revoked);
    const fail = (): never => assert.fail("of the listener");
    const onWait = (wait: Parameters<typeof client.calls.onWait>[0]): void => (client.calls.onWait(wait), fail());
    const options = { signal: controller.signal, waitSignal: controller.signal, onWait, onEvent: fail };
    assert.equal((await rejection(client.issue(options))).mayHaveIssued, false);
    assert.equal(client.server.to("revoke").length, 2);
  });

  for (const failure of contract.failures.filter(({ triedAgain }) => !triedAgain.revoke)) {
    it(`returns the token as unrevoked if the revocation fails with ${failure.code}`, async () => {
      client.server.script("revoke", documented(failure));
      const result = await client.issue();
      assert.ok("unrevoked" in result);
      assert.deepEqual(result.unrevoked, token);
      const end = `revoking the token failed (${failure.code}), so it may still be active`;
      assert.equal(result.error.description, `expected token_type Bearer, got MAC; ${end}`);
      assert.equal(result.error.mayHaveIssued, true);
    });
  }

  it("rejects in the public function, and says that a token may exist", async () => {
    client.server.script("revoke", { status: 403 });
    const error = await rejection(issueToken({ baseUrl: client.server.baseUrl, ...credentials }));
    assert.deepEqual([error.code, error.endpoint, error.mayHaveIssued], ["unexpected_response", "issue", true]);
  });
});
