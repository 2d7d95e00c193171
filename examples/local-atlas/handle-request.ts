import { readBasic } from "./accounts";
import type { Endpoint } from "./contract";
import { applyQuery, type HttpResponse } from "./http-response";
import { fingerprint, type LogEntry, type LoggedToken } from "./log";
import { parameter, readForm, type Request } from "./request";
import { respond } from "./respond";
import type { State } from "./state";

/** Observes a request, and is awaited. If it throws, the connection is closed without a response. */
export type Hook = (request: LogEntry) => void | Promise<void>;

export interface Hooks {
  /** Runs when a request has arrived, before it is processed. */
  readonly before?: Hook | undefined;
  /** Runs when a request has been processed, before the response is sent: if it throws, the response is lost. */
  readonly after?: Hook | undefined;
}

/** Responds to a request to one of the endpoints and logs it; `undefined` if a hook throws. */
export async function handleRequest(
  state: State,
  endpoint: Endpoint,
  request: Request,
  { before, after }: Hooks,
): Promise<HttpResponse | undefined> {
  const credentials = readBasic(request.headers.authorization);
  const form = readForm(request);
  const token = {
    issue: undefined,
    revoke: parameter(form, "token"),
    status: /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1],
  }[endpoint];
  const entry = state.log.add({
    time: new Date(state.now()).toISOString(),
    endpoint,
    clientId: credentials ? loggedClientId(state, credentials.clientId) : null,
    userAgent: request.headers["user-agent"] ?? null,
    token: loggedToken(state, token),
  });

  try {
    await before?.(entry);
  } catch {
    return undefined;
  }

  // Once more, since another request may have revoked the token in the meantime.
  entry.token = loggedToken(state, token);
  const response = respond(state, { endpoint, credentials, form, token, entry });
  entry.status = response.status;

  try {
    await after?.(entry);
  } catch {
    return undefined;
  }
  return applyQuery(response, request.query);
}

// A client may send a secret in place of its ID, so only the ID of a known account is logged.
function loggedClientId(state: State, clientId: string): string {
  return state.accounts.knows(clientId) ? clientId : fingerprint(clientId);
}

function loggedToken(state: State, token: string | undefined): LoggedToken | null {
  if (token === undefined) return null;
  const known = state.tokens.find(token);
  return { name: known?.jti ?? fingerprint(token), known: known !== undefined, active: known?.active ?? false };
}
