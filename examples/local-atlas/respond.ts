import type { Credentials } from "./accounts";
import * as contract from "./contract";
import type { HttpResponse } from "./http-response";
import type { OpenEntry } from "./log";
import { parameter } from "./request";
import { isLimited } from "./settings";
import type { State } from "./state";
import { systemStatus } from "./status";

/** A request to one of the endpoints, as far as it could be parsed. */
export interface OAuthRequest {
  readonly endpoint: contract.Endpoint;
  readonly credentials: Credentials | undefined;
  readonly form: URLSearchParams | undefined;
  /** The token to revoke, or the one that the request is authorized with. */
  readonly token: string | undefined;
  readonly entry: OpenEntry;
}

/** Responds as Atlas does, checking a request in the same order. */
export function respond(state: State, request: OAuthRequest): HttpResponse {
  const failure = state.failures.take(request.endpoint);
  if (failure) return failure;
  if (request.endpoint === "status") return systemStatus(state, request.token);

  // Before the rate limit: otherwise anyone who knows a client ID could use up its requests.
  if (!request.credentials || !state.accounts.accepts(request.credentials)) return contract.invalidClient;
  const { clientId } = request.credentials;

  const waitSeconds = state.rateLimit.admit(request.endpoint, clientId);
  if (waitSeconds > 0) {
    const { requestsPerWindow, windowSeconds } = state.settings;
    return contract.rateLimited(request.endpoint, requestsPerWindow, windowSeconds, waitSeconds);
  }

  return request.endpoint === "issue" ? issue(state, request, clientId) : revoke(state, request, clientId);
}

/** RFC 6749 section 4.4. */
function issue({ settings, tokens }: State, { form, entry }: OAuthRequest, clientId: string): HttpResponse {
  const grantType = parameter(form, "grant_type");
  if (grantType === undefined) return contract.invalidRequest;
  if (grantType !== "client_credentials") return contract.unsupportedGrantType;

  const { activeTokens, lifetimeSeconds } = settings;
  if (isLimited(activeTokens) && tokens.activeOf(clientId).length >= activeTokens) return contract.tokenLimitReached;

  const { token, jti } = tokens.issue(clientId, lifetimeSeconds);
  entry.token = { name: jti, known: false, active: false };
  return contract.issued(token, lifetimeSeconds);
}

/** RFC 7009 section 2. */
function revoke({ tokens }: State, { token }: OAuthRequest, clientId: string): HttpResponse {
  if (token === undefined) return contract.invalidRequest;

  // Section 2.1 requires a refusal without naming an error. Of the documented errors, RFC 6749 section 5.2 uses this
  // one for a grant that "was issued to another client".
  const owner = tokens.find(token)?.clientId;
  if (owner !== undefined && owner !== clientId) return contract.invalidGrant;

  // An unknown, expired or revoked token is not an error (section 2.2), since the purpose is already achieved.
  tokens.revoke(token);
  return contract.revoked;
}
