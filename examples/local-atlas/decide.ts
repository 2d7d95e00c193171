import type { Credentials } from "./accounts";
import type { Answer } from "./answer";
import * as contract from "./contract";
import type { OpenEntry } from "./log";
import { parameter } from "./request";
import { limits } from "./settings";
import type { State } from "./state";

/** A request to one of the two endpoints, as far as it could be read. */
export interface Call {
  readonly endpoint: contract.Endpoint;
  readonly credentials: Credentials | undefined;
  readonly form: URLSearchParams | undefined;
  readonly entry: OpenEntry;
}

/** What Atlas answers, in the order in which it looks at a request. */
export function decide(state: State, call: Call): Answer {
  const demanded = state.failures.take(call.endpoint);
  if (demanded) return demanded;

  // Before the rate limit, or anyone could use up an account's requests by knowing its id.
  if (!call.credentials || !state.accounts.accepts(call.credentials)) return contract.invalidClient;
  const { clientId } = call.credentials;

  const wait = state.rateLimit.admit(call.endpoint, clientId);
  if (wait > 0) {
    const { requestsPerWindow, windowSeconds } = state.settings;
    return contract.rateLimited(call.endpoint, requestsPerWindow, windowSeconds, wait);
  }

  return call.endpoint === "issue" ? issue(state, call, clientId) : revoke(state, call, clientId);
}

/** RFC 6749 section 4.4. */
function issue({ settings, tokens }: State, { form, entry }: Call, clientId: string): Answer {
  const grantType = parameter(form, "grant_type");
  if (grantType === undefined) return contract.invalidRequest;
  if (grantType !== "client_credentials") return contract.unsupportedGrantType;

  const { activeTokens, lifetimeSeconds } = settings;
  if (limits(activeTokens) && tokens.activeOf(clientId).length >= activeTokens) return contract.tokenLimitReached;

  const { token, jti } = tokens.issue(clientId, lifetimeSeconds);
  entry.token = { name: jti, known: false, active: false };
  return contract.issued(token, lifetimeSeconds);
}

/** RFC 7009 section 2. */
function revoke({ tokens }: State, { form }: Call, clientId: string): Answer {
  const token = parameter(form, "token");
  if (token === undefined) return contract.invalidRequest;

  // Section 2.1 has the request refused, but names no error. Of the documented ones this is the one that RFC 6749
  // section 5.2 gives to what "was issued to another client".
  const owner = tokens.find(token)?.clientId;
  if (owner !== undefined && owner !== clientId) return contract.invalidGrant;

  // An unknown or ended token is no error (section 2.2): what the client wanted is already so.
  tokens.revoke(token);
  return contract.revoked;
}
