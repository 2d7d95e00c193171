import assert from "node:assert/strict";
import { inspect } from "node:util";

import { formsOf, pairFormsOf } from "../../support/oauth/credentials";

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

/** Looks for every secret, in every form, in all that can be seen of a value. */
export function assertTellsNoSecret(value: unknown): void {
  for (const text of viewsOf(value)) {
    for (const form of forms) assert.ok(!text.includes(form), `the secret ${form} stands in ${text}`);
  }
}

function viewsOf(value: unknown): string[] {
  const views = [inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity }), json(value)];
  if (!(value instanceof Error)) return views;
  const own = Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]));
  return [...views, String(value), value.message, value.stack ?? "", json(own), ...viewsOf(value.cause)];
}

function json(value: unknown): string {
  return JSON.stringify([value]);
}
