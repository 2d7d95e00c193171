import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";

import { isAtlasOAuthError, issueToken, revokeToken } from "pulumi-atlas-token/oauth";

import { listen } from "../support/listen";
import { basicAuthorization } from "../../provider/oauth/http/client-auth";

// All that RFC 6749 appendix A allows, so that both sides must agree on the encoding of section 2.3.1.
const VSCHAR = String.fromCharCode(...Array.from({ length: 0x7f - 0x20 }, (_, index) => 0x20 + index));
const CLIENT_ID = `interop ${VSCHAR}`;
const CLIENT_SECRET = `a secret of ${VSCHAR}`;

/** Makes a server one that nobody here wrote, with its routes where Atlas has its own. */
async function startProvider(server: Server): Promise<string> {
  const { Provider } = await import("oidc-provider");
  const baseUrl = `http://${await listen(server)}`;
  const provider = new Provider(baseUrl, {
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
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it handles its own errors
  server.on("request", provider.callback());
  return baseUrl;
}

describe("with oidc-provider, an OAuth server that nobody here wrote, the client", () => {
  const server = createServer();
  let baseUrl = "";
  before(async () => void (baseUrl = await startProvider(server)));
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const account = (): { baseUrl: string; clientId: string; clientSecret: string } => ({
    baseUrl,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
  });

  async function isActive(token: string): Promise<unknown> {
    const response = await fetch(`${baseUrl}/introspect`, {
      method: "POST",
      headers: { authorization: basicAuthorization(CLIENT_ID, CLIENT_SECRET) },
      body: new URLSearchParams({ token }),
    });
    return ((await response.json()) as { active: unknown }).active;
  }

  it("issues a token that introspection calls active until it is revoked, and can revoke it again", async () => {
    const { accessToken, tokenType, issuedAt, expiresAt } = await issueToken(account());
    assert.equal(tokenType, "Bearer");
    assert.equal(expiresAt.getTime() - issuedAt.getTime(), 3600_000);
    assert.equal(await isActive(accessToken), true);
    for (const attempts of [1, 1]) {
      const result = await revokeToken({ ...account(), token: accessToken });
      assert.deepEqual(result, { outcome: "revoked", status: 200, attempts });
      assert.equal(await isActive(accessToken), false);
    }
  });

  it("names its refusal of a wrong client secret invalid_client", async () => {
    const wrong = { ...account(), clientSecret: "a wrong secret" };
    for (const call of [() => issueToken(wrong), () => revokeToken({ ...wrong, token: "fake-token" })]) {
      await assert.rejects(call, (error) => isAtlasOAuthError(error) && error.code === "invalid_client");
    }
  });
});
