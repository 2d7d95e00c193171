import assert from "node:assert/strict";
import { mock } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";

import type { AtlasOAuthError } from "../../../provider/oauth/error";
import { issue } from "../../../provider/oauth/issue";
import { revoke } from "../../../provider/oauth/revoke";
import { contract } from "../../support/oauth/contract";
import { anyCredential, anyToken, formsOf, longSecret, pairFormsOf } from "../../support/oauth/credentials";
import { FakeCalls } from "../../support/oauth/fake-calls";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { useScriptedServer, type Received, type Scripted } from "../../support/oauth/scripted-server";
import { withoutFrames } from "../../support/oauth/without-frames";

/** Everything of a request that a server could be careless enough to repeat. */
function repeatable({ headers, body }: Received): string[] {
  const { clientId, clientSecret } = readBasic(headers.authorization);
  const form = [...new URLSearchParams(body).values()];
  const basic = headers.authorization ?? "";
  const secrets = [clientSecret, `${clientId}:${clientSecret}`, ...form];
  return [basic, Buffer.from(basic.slice(6), "base64").toString(), body, ...secrets.flatMap(formsOf)];
}

/** Answers that repeat a text wherever the client looks for words. */
const echoes: { description: string; answer: (text: string) => Scripted }[] = [
  {
    description: "error_description",
    answer: (text) => ({ status: 401, body: { error_description: `Not ${text}!` } }),
  },
  { description: "error", answer: (text) => ({ status: 400, body: { error: text } }) },
  { description: "detail", answer: (text) => ({ status: 403, body: { error: 403, detail: text } }) },
  { description: "reason", answer: (text) => ({ status: 404, body: { error: 404, reason: text } }) },
  { description: "errorCode", answer: (text) => ({ status: 404, body: { error: 404, errorCode: text } }) },
  {
    description: "every field",
    answer: (text) => ({ status: 400, body: { content: { error: text, error_description: text.repeat(9) } } }),
  },
  { description: "a body that is no JSON", answer: (text) => ({ status: 400, body: text }) },
  {
    description: "the service version",
    answer: (text) => ({ status: 403, headers: { "x-mongodb-service-version": text.replace(/[^ -~]/g, "") } }),
  },
  {
    description: "a redirect",
    answer: (text) => ({ status: 302, headers: { location: `https://atlas.example/?${encodeURIComponent(text)}` } }),
  },
];

function assertSilent(error: AtlasOAuthError, secrets: readonly string[]): void {
  const shown = [
    error.message,
    error.stack ?? "",
    String(error),
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
  ];
  for (const secret of secrets) {
    for (const text of shown)
      assert.equal(withoutFrames(text).includes(secret), false, `${JSON.stringify(secret)} is in ${text}`);
  }
}

describe("no secret is in an error where the server repeats it in", () => {
  const server = useScriptedServer();
  const numRuns = 40;

  for (const { description, answer } of echoes) {
    const repeat =
      (choice: number) =>
      (received: Received): Scripted => {
        const texts = repeatable(received);
        return answer(texts[choice % texts.length]!);
      };

    it(`${description}, of a revoke`, async () => {
      await fc.assert(
        fc.asyncProperty(
          anyCredential,
          longSecret,
          anyToken,
          fc.nat(),
          async (clientId, clientSecret, token, choice) => {
            server().script("revoke", repeat(choice));
            const { settings, onWait } = new FakeCalls();
            const error = await rejection(
              revoke({ baseUrl: server().baseUrl, clientId, clientSecret, token, onWait }, settings),
            );
            assertSilent(error, [...formsOf(clientSecret), ...formsOf(token), ...pairFormsOf(clientId, clientSecret)]);
          },
        ),
        { numRuns },
      );
    });

    it(`${description}, of an issue`, async () => {
      await fc.assert(
        fc.asyncProperty(anyCredential, longSecret, fc.nat(), async (clientId, clientSecret, choice) => {
          server().script("issue", repeat(choice));
          const { settings, onWait } = new FakeCalls();
          const error = await rejection(issue({ baseUrl: server().baseUrl, clientId, clientSecret, onWait }, settings));
          assertSilent(error, [...formsOf(clientSecret), ...pairFormsOf(clientId, clientSecret)]);
        }),
        { numRuns },
      );
    });
  }

  it("nothing, and the caller took it for the client id", async () => {
    await fc.assert(
      fc.asyncProperty(longSecret, anyCredential, async (clientSecret, before) => {
        server().script("issue", { status: 429 }, { status: 401 });
        const { settings, onWait, waits } = new FakeCalls();
        const clientId = before + clientSecret;
        const error = await rejection(issue({ baseUrl: server().baseUrl, clientId, clientSecret, onWait }, settings));
        assertSilent(error, formsOf(clientSecret));
        assert.equal(waits.length, 1);
        const told = JSON.stringify(waits);
        for (const form of formsOf(clientSecret)) assert.ok(!told.includes(form), told);
      }),
      { numRuns },
    );
  });

  it("the type of a token that is revoked again, or stranded", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCredential,
        longSecret,
        anyToken,
        fc.boolean(),
        async (clientId, clientSecret, token, stranded) => {
          fc.pre(token.toLowerCase() !== "bearer");
          server().script("issue", {
            ...contract.issued,
            body: { access_token: token, token_type: `${token} ${clientSecret}` },
          });
          server().script("revoke", { status: stranded ? 403 : 200, body: { error_description: token } });
          const { settings, onWait } = new FakeCalls();
          const result = issue({ baseUrl: server().baseUrl, clientId, clientSecret, onWait }, settings);
          const error = await result.then(
            (value) => ("unrevoked" in value ? value.error : assert.fail("it was handed out")),
            () => rejection(result),
          );
          assertSilent(error, [...formsOf(clientSecret), ...formsOf(token)]);
        },
      ),
      { numRuns },
    );
  });
});

describe("the client", () => {
  const server = useScriptedServer();

  it("prints nothing, whatever happens", async () => {
    const streams = [process.stdout, process.stderr].map((stream) => mock.method(stream, "write", () => true));
    try {
      server().script("issue", { status: 429 }, { status: 500 });
      server().script("revoke", { status: 500 }, { status: 401 });
      const { settings, onWait } = new FakeCalls();
      const options = {
        baseUrl: server().baseUrl,
        clientId: "fake-client-id",
        clientSecret: "fake-client-secret",
        onWait,
      };
      await rejection(issue(options, settings));
      await rejection(revoke({ ...options, token: "fake.access.token" }, settings));
    } finally {
      mock.restoreAll();
    }
    for (const write of streams) assert.equal(write.mock.callCount(), 0);
  });
});
