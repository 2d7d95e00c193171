import { createHash } from "node:crypto";

/** What happened to a token, or failed to happen; an audit log holds one line for each. None of its fields is secret. */
export interface TokenEvent {
  /** When it happened by this machine's clock, as RFC 3339 in UTC. */
  readonly time: string;
  /** What happened; the client itself reports neither `adopted`, `imported` nor `found_revoked`. */
  readonly event:
    "issued" | "adopted" | "imported" | "revoked" | "expired" | "found_revoked" | "issue_failed" | "revoke_failed";
  /** The ID of the Pulumi resource; the client itself knows none. */
  readonly resourceId?: string;
  /** The client ID of the service account; empty if it was refused. */
  readonly clientId: string;
  /** The origin that was called; empty if the base URL was refused. */
  readonly origin: string;
  /** The SHA-256 of the token in lower-case hexadecimal, by which the events of one token are found. */
  readonly tokenSha256?: string;
  /** The HTTP status of the response that decided. */
  readonly status?: number;
  /** The code of the error, for a failure. */
  readonly code?: string;
  /** How many requests were made. */
  readonly attempts?: number;
  /** Atlas's `X-MongoDB-Service-Version`. */
  readonly serviceVersion?: string;
}

/** Returns the SHA-256 of a token in hexadecimal. */
export function sha256(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
