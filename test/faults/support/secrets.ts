import { contract } from "../../support/oauth/contract";
import { formsOf, pairFormsOf } from "../../support/oauth/credentials";

export const credentials = {
  clientId: "a client id, for tests",
  clientSecret: 'a "secret"/of+odd=characters&100% für tests',
};
export const tokenToRevoke = "a.token/that+is-revoked_in~tests=";
export const proxyUser = { name: "proxy-user", password: "a proxy's/pass+word for tests" };

/** Every form of what a call must not show. */
export const secrets = [
  ...pairFormsOf(credentials.clientId, credentials.clientSecret),
  ...pairFormsOf(proxyUser.name, proxyUser.password),
  ...[credentials.clientSecret, tokenToRevoke, contract.issued.body.access_token, proxyUser.password].flatMap(formsOf),
].map((form) => form.replace(/=+$/, ""));
