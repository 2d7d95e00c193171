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

/** A documented body as it is sent: plain, or in one of the two envelopes that Atlas may use. */
export const presentations = [
  { name: "plain", enveloped: false, write: ({ body }: DocumentedFailure) => (body === null ? "" : write(body)) },
  {
    name: "in an envelope, beside the status",
    enveloped: true,
    write: ({ body, status }: DocumentedFailure) => write({ status, ...body }),
  },
  {
    name: "in an envelope, as its content",
    enveloped: true,
    write: ({ body, status }: DocumentedFailure) => write({ status, content: body }),
  },
] as const;

function write(value: unknown): string {
  return JSON.stringify(value);
}
