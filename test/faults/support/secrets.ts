import { formsOf, pairFormsOf } from "../../support/oauth/credentials";
import { assertNothingSecret } from "../../support/oauth/nothing-secret";

export const credentials = {
  clientId: "a client id, for tests",
  clientSecret: 'a "secret"/of+odd=characters&100% für tests',
};
export const tokenToRevoke = "a.token/that+is-revoked_in~tests=";
export const issuedToken = "a.token/that+is-issued_in~tests=";
export const proxyUser = { name: "proxy-user", password: "a proxy's/pass+word for tests" };

const forms = [
  ...pairFormsOf(credentials.clientId, credentials.clientSecret),
  ...pairFormsOf(proxyUser.name, proxyUser.password),
  ...[credentials.clientSecret, tokenToRevoke, issuedToken, proxyUser.password].flatMap(formsOf),
].map((form) => form.replace(/=+$/, ""));

export function assertTellsNoSecret(value: unknown): void {
  assertNothingSecret(value, forms);
}
