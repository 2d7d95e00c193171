import { readBasic } from "./accounts";
import { presented, type Answer } from "./answer";
import type { Endpoint } from "./contract";
import { decide } from "./decide";
import { fingerprint, type LogEntry, type LoggedToken } from "./log";
import { parameter, readForm, type Request } from "./request";
import type { State } from "./state";

/** Watches requests, and is awaited. If it throws, there is no answer. */
export type Hook = (request: LogEntry) => void | Promise<void>;

export interface Hooks {
  /** Runs when a request has arrived, before it is processed. */
  readonly before?: Hook | undefined;
  /** Runs when a request has been processed, before it is answered: if it throws, the answer is lost. */
  readonly after?: Hook | undefined;
}

/** Answers a request to one of the two endpoints and logs it; `undefined` where a hook wants no answer. */
export async function answerOAuth(
  state: State,
  endpoint: Endpoint,
  request: Request,
  { before, after }: Hooks,
): Promise<Answer | undefined> {
  const credentials = readBasic(request.headers.authorization);
  const form = readForm(request);
  const token = endpoint === "revoke" ? parameter(form, "token") : undefined;
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

  // Once more, since another request may have revoked it while this one waited.
  entry.token = loggedToken(state, token);
  const answer = decide(state, { endpoint, credentials, form, entry });
  entry.status = answer.status;

  try {
    await after?.(entry);
  } catch {
    return undefined;
  }
  return presented(answer, request.query);
}

// A secret can stand where the id belongs, so that only an account's own id is written down.
function loggedClientId(state: State, clientId: string): string {
  return state.accounts.knows(clientId) ? clientId : fingerprint(clientId);
}

function loggedToken(state: State, token: string | undefined): LoggedToken | null {
  if (token === undefined) return null;
  const known = state.tokens.find(token);
  return { name: known?.jti ?? fingerprint(token), known: known !== undefined, active: known?.active ?? false };
}
