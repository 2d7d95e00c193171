import type { Arguments } from "./contenders";

const ACCOUNTS = 20;
const SECRET = "a-fake-secret-of-the-bench";

/** An account holds a hundred tokens at most: many tokens need several. */
export const CLIENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: ACCOUNTS }, (_, index) => [`account-${index}`, SECRET]),
);

export function argumentsFor(index: number, { url }: { readonly url: string }): Arguments {
  return { clientId: `account-${index % ACCOUNTS}`, clientSecret: SECRET, baseUrl: url, renewBefore: "10m" };
}
