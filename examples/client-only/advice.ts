import type { AtlasOAuthError } from "pulumi-atlas-token/oauth";

/** Says what to do about a failure. The compiler checks that no code is missing. */
export function adviceFor(error: AtlasOAuthError): string {
  switch (error.code) {
    case "invalid_client":
      return "Check the client ID and the client secret. The secret may have been rotated or expired.";
    case "access_denied":
      return accessDenied(error);
    case "rate_limited":
      return `Wait ${error.retryAfter ?? 60} s, or use a service account that no other job uses.`;
    case "server_error":
    case "service_unavailable":
      return `Try again later. MongoDB support asks for the service version: ${error.serviceVersion ?? "unknown"}.`;
    case "unreachable":
      return `Check the base URL, the network and the proxy (${error.cause?.code ?? "no error code"}).`;
    case "unsupported_runtime":
      return "Check which Node.js and which undici (`npm ls undici`) run this script.";
    case "no_response":
      return error.mayHaveIssued
        ? "Atlas may have issued a token that was never received. It expires within an hour."
        : "The token may or may not be revoked. It expires within an hour.";
    case "aborted":
      return error.sent ? "Atlas may have processed the request." : "No request was sent.";
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
    case "unexpected_response":
      return `Check the base URL and any proxy between this machine and Atlas (status ${error.status}).`;
    case "invalid_argument":
      return "Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET.";
  }
}

/** Atlas responds with 403 for two reasons, and only its description tells them apart. */
function accessDenied({ endpoint, description = "" }: AtlasOAuthError): string {
  const active = endpoint === "revoke" ? " The token is active until it expires, within an hour." : "";
  if (/token limit/i.test(description)) {
    return `Revoke tokens of the service account that are no longer needed, or wait until they expire.${active}`;
  }
  if (/access list/i.test(description)) {
    return `Add this machine's IP address to the IP access list of the service account.${active}`;
  }
  return (
    "If the service account has an IP access list, add this machine's IP address to it. " +
    `If it has reached its token limit, revoke tokens that are no longer needed, or wait until they expire.${active}`
  );
}
