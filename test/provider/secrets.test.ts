import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";

import { formsOf } from "../support/oauth/credentials";
import type { ProviderError } from "../support/provider-host";
import { failureOf, Fixture, FORMS, withState, type Provider, type Token } from "./support/fixture";

/** Long enough to be redacted, and contained in nothing else. */
const clientSecret = `Planted-secret-${randomBytes(8).toString("hex")}`;
const clientId = "a-client";

for (const form of FORMS) {
  describe(`no secret is shown by the ${form} provider`, function () {
    this.timeout(60_000);
    const fixture = new Fixture(form, { clients: { [clientId]: clientSecret } });
    const shown: unknown[] = [];
    const note = async (operation: Promise<unknown>): Promise<void> => {
      try {
        await operation;
      } catch (error) {
        const { message, stack, initialization } = error as ProviderError;
        shown.push(message, stack, initialization?.reasons);
      }
    };
    const echo = (...secrets: string[]) => ({ error: `bad ${clientSecret}`, error_description: secrets.join(" ") });

    async function failOften(provider: Provider, token: Token, accessToken: string): Promise<void> {
      const pair = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
      const headers = { "x-mongodb-service-version": clientSecret, location: `https://${clientSecret}.example/` };
      // The last one pauses the queue for longer than these calls wait.
      for (const status of [400, 401, 403, 404, 500, 503, 302, 429]) {
        fixture.atlas.failNext("issue", status, { body: echo(clientSecret, pair), headers });
        await note(provider.create("ci", { clientSecret }));
        fixture.atlas.failNext("revoke", status, { body: echo(clientSecret, pair, accessToken), headers });
        await note(provider.delete(token));
      }
      for (const edited of [{ accessToken: 17 }, { baseUrl: `https://user:${clientSecret}@example.com/` }])
        await note(provider.delete(withState(token, edited)));
    }

    it("by any operation, whether it succeeds or fails, even if the server echoes it", async () => {
      const env = { MONGODB_ATLAS_CLIENT_ID: clientId, PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "1ms" };
      const provider = await fixture.start(env, { clientSecret });
      const token = await provider.create("ci", { clientSecret });
      const accessToken = String(token.outs["accessToken"]);
      fixture.atlas.failNext("issue", 200, { body: { access_token: accessToken, token_type: accessToken } });
      fixture.atlas.failNext("revoke", 403, { body: echo(accessToken) });
      const { message, initialization } = await failureOf(provider.create("ci", { clientSecret }));
      assert.equal(provider.received(initialization!.properties)["accessToken"], accessToken);
      shown.push(message, initialization?.reasons);
      await failOften(provider, token, accessToken);

      await provider.diff(withState(token, { incomplete: true, expiresAt: clientSecret }), token.inputs);
      for (const wrong of [
        { baseUrl: `https://user:${clientSecret}@example.com/`, clientSecrt: clientSecret },
        { existingToken: `${clientSecret} `.repeat(2), keepers: clientSecret, renewBefore: clientSecret },
      ]) {
        shown.push((await provider.check("ci", { ...token.inputs, ...wrong })).failures);
      }

      assert.ok(shown.length > 20);
      const everything = inspect(shown, { depth: null, maxStringLength: null }) + (await provider.shown());
      for (const secret of [clientSecret, accessToken]) {
        // In lower case too: a URL changes its host.
        for (const form of [...formsOf(secret), secret.toLowerCase()])
          assert.ok(!everything.includes(form), everything);
      }
    });
  });
}
