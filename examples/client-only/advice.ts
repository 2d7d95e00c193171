import type { AtlasOAuthError } from "pulumi-atlas-token/oauth";

/** What to do about a failure: the compiler sees to it that none is forgotten. */
export function adviceFor(error: AtlasOAuthError): string {
  switch (error.code) {
    case "invalid_client":
      return "Check the client id and the secret: it may have been rotated, or have expired.";
    case "access_denied":
      return error.endpoint === "issue"
        ? "Check the IP access list of the service account, and whether it has 100 active tokens."
        : "Check the IP access list of the service account. The token is active until it expires, within an hour.";
    case "rate_limited":
      return `Others use this service account, too: wait ${error.retryAfter ?? 60} s, or give this job one of its own.`;
    case "server_error":
    case "service_unavailable":
      return `Atlas has a problem; tell its support this version: ${error.serviceVersion ?? "unknown"}.`;
    case "unreachable":
      return `Check the base URL, the network and the proxy (${error.cause?.code ?? "no code"}).`;
    case "no_response":
      return error.mayHaveIssued
        ? "A token may exist that nobody holds. It expires within an hour."
        : "The token may be revoked or not. It expires within an hour.";
    case "aborted":
      return error.sent ? "It was ended while Atlas may have been at work." : "It was ended before anything was sent.";
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
    case "unexpected_response":
      return `Something between here and Atlas may have answered in its place (status ${error.status}).`;
    case "invalid_argument":
      return "Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET.";
  }
}
