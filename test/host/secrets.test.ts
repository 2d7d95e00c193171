import assert from "node:assert/strict";
import { inspect } from "node:util";

import { formsOf } from "../support/oauth/credentials";
import { failureOf, HostFixture, plant } from "./support/host-fixture";

const clientSecret = plant("secret");
const client = "a-client";

describe("no secret is ever printed or told", function () {
  this.timeout(60_000);
  const fixture = new HostFixture(() => ({ clients: { [client]: clientSecret }, requestsPerWindow: 0 }));

  it("by any operation, succeeding or failing, also where the server echoes it", async () => {
    const env = { MONGODB_ATLAS_CLIENT_ID: client, PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "1ms" };
    const host = await fixture.start(env, { "mongodbatlas:clientSecret": clientSecret });
    const told: unknown[] = [];
    const tell = async (operation: Promise<unknown>): Promise<void> => {
      const failure = await failureOf(operation);
      if (failure) told.push(failure.message, failure.stack, failure.initialization?.reasons);
    };
    const { id, outs } = await fixture.create(host, "ci", { clientSecret });
    const accessToken = String(outs["accessToken"]);
    const news = await fixture.inputs(host, "ci", { clientSecret });
    const pair = Buffer.from(`${client}:${clientSecret}`).toString("base64");
    const echo = (...secrets: string[]) => ({ error: `bad ${clientSecret}`, error_description: secrets.join(" ") });

    for (const status of [400, 401, 403, 404, 429, 500, 503, 302]) {
      for (const endpoint of ["issue", "revoke"] as const) {
        const headers = { "x-mongodb-service-version": clientSecret, location: `https://${clientSecret}.example/` };
        // An issue knows no token that a server could echo.
        const body = endpoint === "issue" ? echo(clientSecret, pair) : echo(clientSecret, pair, accessToken);
        fixture.atlas.failNext(endpoint, status, { body, headers });
        await tell(endpoint === "issue" ? fixture.create(host, "ci", { clientSecret }) : host.delete(id, outs));
      }
    }
    fixture.atlas.failNext("issue", 200, { body: { access_token: accessToken, token_type: accessToken } });
    fixture.atlas.failNext("revoke", 403, { body: echo(accessToken) });
    const failure = await failureOf(fixture.create(host, "ci", { clientSecret }));
    assert.equal(failure?.initialization?.properties["accessToken"], accessToken);
    told.push(failure.message, failure.initialization.reasons);

    await tell(host.diff(id, { ...outs, incomplete: true, expiresAt: clientSecret }, news));
    await tell(host.delete(id, { ...outs, accessToken: 17 }));
    await tell(host.delete(id, { ...outs, baseUrl: `https://user:${clientSecret}@example.com/` }));
    const check = await host.check(news, {
      ...news,
      baseUrl: `https://user:${clientSecret}@example.com/`,
      clientSecrt: clientSecret,
    });
    told.push(check.failures);
    await tell(
      host.check({}, { ...news, existingToken: clientSecret, keepers: clientSecret, renewBefore: clientSecret }),
    );

    assert.ok(told.length > 20);
    await host.close();
    const everything = inspect(told, { depth: null, maxStringLength: null }) + host.stdout + host.stderr;
    for (const secret of [clientSecret, accessToken]) {
      // In lower case as well: so a URL has its host.
      for (const form of [...formsOf(secret), secret.toLowerCase()]) assert.ok(!everything.includes(form), everything);
    }
  });

  it("in a check failure names no property whose value the engine would print", async () => {
    const host = await fixture.start();
    const wrong = { clientSecret: 17, existingToken: [clientSecret], keepers: clientSecret, clientSecrt: clientSecret };
    const { failures } = await host.check({}, { ...(await fixture.inputs(host, "ci")), ...wrong });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["", "", "", ""],
    );
    for (const name of Object.keys(wrong))
      assert.ok(
        failures.some(({ reason }) => reason.startsWith(`${name} `)),
        name,
      );
  });
});
