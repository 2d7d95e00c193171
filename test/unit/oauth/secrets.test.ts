import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";

import type { TokenEvent } from "../../../provider/oauth/events";
import { issue } from "../../../provider/oauth/issue";
import { revoke } from "../../../provider/oauth/revoke";
import { FakeCalls } from "../../support/oauth/client-fixture";
import { endpoints } from "../../support/oauth/contract";
import { anyCredential, anyToken, formsOf, longSecret, pairFormsOf } from "../../support/oauth/credentials";
import { assertNothingSecret } from "../../support/oauth/nothing-secret";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { useScriptedServer, type Received, type Scripted } from "../../support/oauth/scripted-server";

interface Given {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly token: string;
}

/** Everything of a request that a server could be careless enough to repeat. */
function repeatable({ headers, body }: Received): string[] {
  const { clientId, clientSecret } = readBasic(headers.authorization);
  const form = [...new URLSearchParams(body).values()];
  const basic = headers.authorization ?? "";
  const secrets = [clientSecret, `${clientId}:${clientSecret}`, ...form];
  return [basic, Buffer.from(basic.slice(6), "base64").toString(), body, ...secrets.flatMap(formsOf)];
}

/** Responses that repeat a text wherever the client looks for words. */
const echoes: Record<string, (text: string) => Scripted> = {
  error_description: (text) => ({ status: 401, body: { error_description: `Not ${text}!` } }),
  error: (text) => ({ status: 400, body: { error: text } }),
  detail: (text) => ({ status: 403, body: { error: 403, detail: text } }),
  "reason and errorCode": (text) => ({ status: 404, body: { error: 404, reason: text, errorCode: text } }),
  "every field": (text) => ({ status: 400, body: { content: { error: text, error_description: text.repeat(9) } } }),
  "a body that is not JSON": (text) => ({ status: 400, body: text }),
  "the service version": (text) => ({
    status: 403,
    headers: { "x-mongodb-service-version": text.replace(/[^ -~]/g, "") },
  }),
  "a redirect": (text) => ({ status: 302, headers: { location: `https://a.example/?${encodeURIComponent(text)}` } }),
};

describe("nothing secret is in an error, an event or a wait", () => {
  const server = useScriptedServer();

  /** Makes a call that fails, and looks for its secrets in all that comes of it. */
  async function assertSilent(endpoint: "issue" | "revoke", given: Given): Promise<void> {
    const seen: unknown[] = [];
    const calls = new FakeCalls();
    const onEvent = (event: TokenEvent): void => void seen.push(event);
    const options = { baseUrl: server().baseUrl, ...given, onWait: calls.onWait, onEvent };
    seen.push(await rejection((endpoint === "issue" ? issue : revoke)(options, calls.settings)), ...calls.waits);
    assert.ok(seen.length > 1, "no event was reported");
    const { clientId, clientSecret, token } = given;
    const secrets = [...formsOf(clientSecret.trim()), ...pairFormsOf(clientId, clientSecret), ...formsOf(token)];
    for (const value of seen) assertNothingSecret(value, secrets);
  }

  for (const endpoint of endpoints) {
    it(`if the server repeats it to ${endpoint}`, async () => {
      const given = fc.record({ clientId: anyCredential, clientSecret: longSecret, token: anyToken });
      const place = fc.constantFrom(...Object.keys(echoes));
      await fc.assert(
        fc.asyncProperty(given, place, fc.nat(), async (given, place, choice) => {
          fc.pre(given.clientSecret.trim().length >= 8);
          server().script(endpoint, (received) => {
            const texts = repeatable(received);
            return echoes[place]!(texts[choice % texts.length]!);
          });
          await assertSilent(endpoint, given);
        }),
        { numRuns: 100 },
      );
    });
  }

  it("if the server repeats a token that it failed to issue, or the client secret of an earlier attempt", async () => {
    const earlier = "fake-earlier-client-secret";
    const unknown = `eyJhbGciOiJub25lIn0.${Buffer.from("{}".repeat(20)).toString("base64url")}.sig`;
    const given = { baseUrl: server().baseUrl, clientId: "fake-client-id", clientSecret: "fake-client-secret" };
    for (const respond of Object.values(echoes)) {
      server().script("issue", respond(unknown));
      server().script("revoke", respond(earlier));
      const { settings } = new FakeCalls();
      assertNothingSecret(await rejection(issue(given, settings)), formsOf(unknown));
      const revoking = revoke({ ...given, token: "fake.access.token" }, settings, [earlier]);
      assertNothingSecret(await rejection(revoking), formsOf(earlier));
    }
  });

  it("if the caller took it for the client ID", async () => {
    await fc.assert(
      fc.asyncProperty(longSecret, anyCredential, anyToken, async (clientSecret, before, token) => {
        fc.pre(clientSecret.trim().length >= 8);
        server().script("issue", { status: 429 }, { status: 401 });
        await assertSilent("issue", { clientId: before + clientSecret, clientSecret, token });
      }),
      { numRuns: 25 },
    );
  });

  it("if the caller put it into the base URL", async () => {
    const clientSecret = "fake-client-secret";
    const options = { baseUrl: `https://${clientSecret}.invalid`, clientId: "fake-client-id", clientSecret };
    const error = await rejection(issue({ ...options, signal: AbortSignal.abort() }, new FakeCalls().settings));
    assertNothingSecret(error, [clientSecret]);
  });

  it("and the client prints nothing, whatever happens", async () => {
    const streams = [process.stdout, process.stderr].map((stream) => mock.method(stream, "write", () => true));
    try {
      server().script("issue", { status: 429 }, { status: 500 });
      server().script("revoke", { status: 500 }, { status: 401 });
      const given = { clientId: "fake-client-id", clientSecret: "fake-client-secret", token: "fake.access.token" };
      for (const endpoint of endpoints) await assertSilent(endpoint, given);
    } finally {
      mock.restoreAll();
    }
    for (const write of streams) assert.equal(write.mock.callCount(), 0);
  });
});
