import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

import { issueToken } from "../../../provider/oauth/index";
import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { anyCredential, anyToken } from "../../support/oauth/credentials";
import { credentials } from "../../support/oauth/fake-calls";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { issued, serverDate as date, serverTime, type Scripted } from "../../support/oauth/scripted-server";
import { hour } from "../../support/oauth/times";

const { version } = JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as { version: string };

describe("issue", () => {
  const client = new ClientFixture();

  describe("sends", () => {
    it("what Atlas documents, and a name to be known by", async () => {
      client.server.script("issue", issued());
      await client.token();
      const { method, target, headers, body } = client.server.received[0]!;
      assert.deepEqual(
        { method, target, body },
        { method: "POST", target: contract.tokenPath, body: "grant_type=client_credentials" },
      );
      const {
        "content-type": type,
        accept,
        "accept-encoding": encoding,
        "user-agent": agent,
        authorization,
        connection,
      } = headers;
      assert.deepEqual(
        { type, accept, encoding, agent, connection },
        {
          type: "application/x-www-form-urlencoded",
          accept: "application/json",
          encoding: "identity",
          agent: `pulumi-atlas-token/${version}`,
          // Each on a connection of its own: a kept-alive one can be closed under it.
          connection: "close",
        },
      );
      assert.equal(authorization, `Basic ${Buffer.from("fake-client-id:fake-client-secret").toString("base64")}`);
    });

    it("the same to a base URL that ends in a slash", async () => {
      client.server.script("issue", issued());
      await client.token({ baseUrl: `${client.server.baseUrl}/` });
      assert.equal(client.server.received[0]?.target, contract.tokenPath);
    });

    it("credentials of any characters, as they are", async () => {
      client.server.script("issue", issued());
      await fc.assert(
        fc.asyncProperty(anyCredential, anyCredential, async (clientId, clientSecret) => {
          await client.token({ clientId, clientSecret });
          assert.deepEqual(readBasic(client.server.received.at(-1)?.headers.authorization), { clientId, clientSecret });
        }),
      );
    });
  });

  describe("returns", () => {
    it("a token of any characters, as it is", async () => {
      await fc.assert(
        fc.asyncProperty(anyToken, async (text) => {
          client.server.script("issue", issued({ access_token: text }));
          assert.equal((await client.token()).accessToken, text);
        }),
      );
    });

    const accepted: { description: string; answer: Scripted }[] = [
      { description: "with a token_type in other letters", answer: issued({ token_type: "bEARER" }) },
      { description: "with fields that nobody asked for", answer: issued({ scope: "x", refresh_token: {} }) },
      { description: "with a 201", answer: { ...issued(), status: 201 } },
      { description: "without a content type", answer: { ...issued(), headers: { date } } },
      { description: "with a content type that is none", answer: issued({}, { date, "content-type": "text/html" }) },
      {
        description: "with an unknown charset",
        answer: issued({}, { date, "content-type": "application/json;charset=x-none" }),
      },
      {
        description: "in Latin-1",
        answer: issued({}, { date, "content-type": "application/json;charset=ISO-8859-1" }),
      },
      {
        description: "in UTF-16",
        answer: {
          status: 200,
          headers: { date, "content-type": "application/json; charset=utf-16le" },
          body: Buffer.from(JSON.stringify(contract.issued.body), "utf16le"),
        },
      },
      {
        description: "behind a byte order mark",
        answer: { status: 200, headers: { date }, body: `\ufeff${JSON.stringify(contract.issued.body)}` },
      },
      { description: "whose answer is cut off behind the JSON", answer: { ...issued(), cut: true } },
      {
        description: "between blanks",
        answer: {
          status: 200,
          headers: { date },
          body: `\r\n ${JSON.stringify(contract.issued.body, undefined, 2)}\n`,
        },
      },
    ];
    for (const { description, answer } of accepted) {
      it(`a token ${description}`, async () => {
        client.server.script("issue", answer);
        assert.deepEqual(await client.token(), {
          accessToken: contract.issued.body["access_token"],
          tokenType: "Bearer",
          issuedAt: new Date(serverTime),
          expiresAt: new Date(serverTime + hour),
        });
      });
    }
  });

  describe("meets every documented failure:", () => {
    for (const { status, headers, body, code, triedAgain, retryAfterSeconds } of contract.failures) {
      if (triedAgain.issue) {
        it(`${code} is tried again, after what Retry-After says`, async () => {
          client.server.script("issue", { status, headers, body: body ?? "" }, issued());
          await client.token();
          assert.equal(client.server.received.length, 2);
          const [wait] = client.calls.waits;
          assert.deepEqual(
            { code: wait?.code, endpoint: wait?.endpoint, origin: wait?.origin, clientId: wait?.clientId },
            { code, endpoint: "issue", origin: client.server.baseUrl, clientId: credentials.clientId },
          );
          const asked = (retryAfterSeconds ?? NaN) * 1000;
          assert.ok(wait !== undefined && wait.waitMs >= asked && wait.waitMs <= asked + 1000, String(wait?.waitMs));
        });
      } else {
        it(`${code} is not tried again`, async () => {
          client.server.script("issue", { status, headers, body: body ?? "" });
          const error = await rejection(client.issue());
          assert.deepEqual(
            {
              code: error.code,
              status: error.status,
              description: error.description,
              mayHaveIssued: error.mayHaveIssued,
            },
            { code, status, description: body?.error_description, mayHaveIssued: status === 500 },
          );
          assert.equal(client.server.received.length, 1);
        });
      }
    }

    for (const status of [502, 504, 404, 302]) {
      it(`${status} is not tried again, nor followed`, async () => {
        client.server.script("issue", {
          status,
          headers: { location: `${client.server.baseUrl}${contract.tokenPath}` },
        });
        const error = await rejection(client.issue());
        assert.deepEqual(
          [error.code, error.status, error.mayHaveIssued],
          ["unexpected_response", status, status >= 500],
        );
        assert.equal(client.server.received.length, 1);
      });
    }
  });

  it("is public, in real time", async () => {
    const date = new Date();
    date.setMilliseconds(0);
    client.server.script("issue", issued({}, { date: date.toUTCString() }));
    const { accessToken, ...rest } = await issueToken({ baseUrl: client.server.baseUrl, ...credentials });
    assert.deepEqual(rest, { tokenType: "Bearer", issuedAt: date, expiresAt: new Date(date.getTime() + hour) });
    assert.equal(accessToken, (await client.token()).accessToken);
  });

  describe("ends as its caller wishes", () => {
    it("before anything is sent", async () => {
      const error = await rejection(client.issue({ signal: AbortSignal.abort() }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.mayHaveIssued, error.attempts], [false, false, 0]);
      assert.deepEqual(client.server.received, []);
    });

    it("during the request, and warns of a token that may exist", async () => {
      const controller = new AbortController();
      client.server.script("issue", () => {
        controller.abort();
        return issued();
      });
      const error = await rejection(client.issue({ signal: controller.signal }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.mayHaveIssued, error.attempts], [true, true, 1]);
    });

    it("while it waits, where no token can exist", async () => {
      const controller = new AbortController();
      client.server.script("issue", { status: 503 });
      const error = await rejection(client.issue({ signal: controller.signal, onWait: () => controller.abort() }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.mayHaveIssued, error.attempts], [true, false, 1]);
      assert.equal(client.server.received.length, 1);
    });
  });
});
