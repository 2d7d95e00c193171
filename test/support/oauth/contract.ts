import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { AtlasOAuthFailure } from "../../../provider/oauth/failure";

/** A documented failure and what the client is to make of it. */
export interface DocumentedFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly error_description: string } | null;
  readonly code: AtlasOAuthFailure["code"];
  readonly retryAfterSeconds?: number;
  readonly triedAgain: Readonly<Record<Endpoint, boolean>>;
}

interface DocumentedSuccess {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What MongoDB documents of the two endpoints, as data: nothing of it comes from the code under test. */
export const contract = JSON.parse(readFileSync(join(__dirname, "atlas-oauth-contract.json"), "utf8")) as {
  readonly tokenPath: string;
  readonly revokePath: string;
  readonly issued: DocumentedSuccess & { readonly body: Readonly<Record<string, unknown>> };
  readonly revoked: DocumentedSuccess;
  readonly failures: readonly DocumentedFailure[];
};

export const endpoints = ["issue", "revoke"] as const;
