import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { issued, serverDate as date, serverTime, type Scripted } from "../../support/oauth/scripted-server";
import { hour } from "../../support/oauth/times";

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

describe("issue tells times", () => {
  const client = new ClientFixture();

  const after = (milliseconds: number): number => (serverTime + milliseconds) / 1000;
  const machine = "the machine's clock";
  const server_ = "the server's clock";
  const rows: {
    description: string;
    headers?: Scripted["headers"];
    body: Record<string, unknown>;
    from?: string;
    life: number;
  }[] = [
    { description: "Date and expires_in", body: { expires_in: 1800 }, life: hour / 2 },
    { description: "expires_in with a fraction", body: { expires_in: 0.5 }, life: 500 },
    { description: "expires_in alone", headers: {}, body: { expires_in: 1800 }, from: machine, life: hour / 2 },
    {
      description: "expires_in and a Date that is none",
      headers: { date: "5" },
      body: {},
      from: machine,
      life: hour,
    },
    {
      description: "expires_in and a Date that is empty",
      headers: { date: "" },
      body: {},
      from: machine,
      life: hour,
    },
    {
      description: "expires_in and a Date so late that the expiry could not be written",
      headers: { date: "Fri, 31 Dec 9999 23:59:59 GMT" },
      body: { expires_in: 1800 },
      from: machine,
      life: hour / 2,
    },
    {
      description: "a later exp",
      body: { access_token: jwt({ exp: after(2 * hour) }) },
      life: 2 * hour,
    },
    { description: "an earlier exp", body: { access_token: jwt({ exp: after(hour / 2) }) }, life: hour },
    {
      description: "exp without expires_in",
      body: { access_token: jwt({ exp: after(hour / 2) }), expires_in: undefined },
      life: hour / 2,
    },
    { description: "exp that is none", body: { access_token: jwt({ exp: "never" }) }, life: hour },
    { description: "exp in milliseconds", body: { access_token: jwt({ exp: serverTime }) }, life: hour },
    { description: "neither exp nor expires_in", body: { expires_in: undefined }, life: hour },
    ...["1800", 0, -1, null, true, {}, [1800], 1e300].map((expires_in) => ({
      description: `an expires_in of ${JSON.stringify(expires_in)}`,
      body: { expires_in },
      life: hour,
    })),
    ...["1800", 0, -1, null, 1e300].map((expires_in) => ({
      description: `exp and an expires_in of ${JSON.stringify(expires_in)}`,
      body: { expires_in, access_token: jwt({ exp: after(hour / 2) }) },
      life: hour / 2,
    })),
  ];
  for (const { description, headers = { date }, body, from = server_, life } of rows) {
    for (const offset of [0, hour, -hour]) {
      it(`times from ${description}, by ${from} (the machine's is ${offset / hour} h off)`, async () => {
        client.calls.clock.wallOffset = offset;
        const issuedAt = from === machine ? client.calls.clock.now() : serverTime;
        client.server.script("issue", issued(body, headers));
        const { issuedAt: first, expiresAt: last } = await client.token();
        assert.deepEqual([first, last], [new Date(issuedAt), new Date(issuedAt + life)]);
      });
    }
  }

  it("times by the server's clock where this machine's is days behind", async () => {
    client.calls.clock.wallOffset = -72 * hour;
    client.server.script("issue", issued({ expires_in: 1800 }));
    assert.deepEqual((await client.token()).issuedAt, new Date(serverTime));
  });

  it("times from a number that JSON cannot hold", async () => {
    client.server.script("issue", {
      ...issued(),
      body: '{"access_token":"fake-token","token_type":"Bearer","expires_in":1e400}',
    });
    assert.deepEqual((await client.token()).expiresAt, new Date(serverTime + hour));
  });
});
