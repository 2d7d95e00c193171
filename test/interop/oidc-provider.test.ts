import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { basicAuthorization } from "../../provider/oauth/client-auth";
import { openStack } from "../support/open-stack";
import type { Stack } from "../support/stack";

// All that RFC 6749 appendix A allows, so that both sides must agree on the encoding of section 2.3.1.
const VSCHAR = String.fromCharCode(...Array.from({ length: 0x7f - 0x20 }, (_, index) => 0x20 + index));
const CLIENT_ID = `interop ${VSCHAR}`;
const CLIENT_SECRET = `a secret of ${VSCHAR}`;

/** An authorization server that nobody here wrote, with its routes where Atlas has its own. */
async function startProvider(): Promise<Server> {
  const { Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const provider = new Provider(urlOf(server), {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    routes: { token: "/api/oauth/token", revocation: "/api/oauth/revoke", introspection: "/introspect" },
    ttl: { ClientCredentials: 3600 },
  });
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it answers by itself
  server.on("request", provider.callback());
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("with oidc-provider, an OAuth server that nobody here wrote", () => {
  let server: Server;
  let stack: Stack;

  before(async () => {
    server = await startProvider();
    stack = await openStack("host");
  });
  after(async () => {
    await stack.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function isActive(token: string): Promise<unknown> {
    const response = await fetch(`${urlOf(server)}/introspect`, {
      method: "POST",
      headers: { authorization: basicAuthorization(CLIENT_ID, CLIENT_SECRET) },
      body: new URLSearchParams({ token }),
    });
    return ((await response.json()) as { active: unknown }).active;
  }

  it("issues a token on up that its introspection calls active, and inactive after destroy", async () => {
    const up = await stack.up(() => {
      const token = new ServiceAccountToken("interop", {
        baseUrl: urlOf(server),
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
      });
      return { accessToken: token.accessToken, tokenType: token.tokenType };
    });
    assert.ok(up.succeeded, up.output);
    assert.equal(up.outputs["tokenType"], "Bearer");
    const accessToken = String(up.outputs["accessToken"]);
    assert.equal(await isActive(accessToken), true);

    const destroy = await stack.destroy();
    assert.ok(destroy.succeeded, destroy.output);
    assert.equal(await isActive(accessToken), false);
  });

  it("names its refusal of a wrong secret invalid_client", async () => {
    const up = await stack.up(() => {
      new ServiceAccountToken("interop", {
        baseUrl: urlOf(server),
        clientId: CLIENT_ID,
        clientSecret: "a wrong secret",
      });
      return undefined;
    });
    assert.ok(!up.succeeded);
    assert.match(up.output, /was not created: invalid_client \(401\)/);
  });
});
