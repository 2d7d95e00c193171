import type { Stack } from "../../support/stack";

/** A service account as a test invents it. */
export interface Account {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Has the stack's configuration name the account. */
export async function configure(stack: Stack, { clientId, clientSecret }: Account): Promise<void> {
  await stack.setConfig("mongodbatlas:clientId", clientId);
  await stack.setConfig("mongodbatlas:clientSecret", clientSecret, { secret: true });
}

/** Has the environment name the account. */
export function logIn(stack: Stack, { clientId, clientSecret }: Account): void {
  Object.assign(stack.env, { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret });
}

/** Has the environment name no account. */
export function logOut(stack: Stack): void {
  delete stack.env["MONGODB_ATLAS_CLIENT_ID"];
  delete stack.env["MONGODB_ATLAS_CLIENT_SECRET"];
}
