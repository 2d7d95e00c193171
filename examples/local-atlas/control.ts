import { json, type Answer } from "./answer";
import { Mistake } from "./mistake";
import { parameter, readForm, type Request } from "./request";
import { changeSettings } from "./settings";
import type { State } from "./state";

// The endpoints that Atlas does not have: for a demo, a test in another process, or a person with curl.

export function showLog(state: State): Answer {
  return json(200, state.log.entries());
}

/** RFC 7662, without its credentials: what is asked about is worth nothing elsewhere. */
export function introspect(state: State, request: Request): Answer {
  const text = parameter(readForm(request), "token");
  if (text === undefined) return json(400, { error: "send one token as a form: token=…" });

  // Nothing but `false` for any token that is not active (section 2.2).
  const token = state.tokens.find(text);
  if (!token?.active) return json(200, { active: false });
  return json(200, {
    active: true,
    client_id: token.clientId,
    iat: token.issuedAt.getTime() / 1000,
    exp: token.expiresAt.getTime() / 1000,
  });
}

export function demandFailure(state: State, request: Request): Answer {
  return withoutMistake(() => json(200, state.failures.demand(parsed(request.body))));
}

export function forgetFailures(state: State): Answer {
  return json(200, { forgotten: state.failures.forget() });
}

export function adjustSettings(state: State, request: Request): Answer {
  return withoutMistake(() => {
    changeSettings(state.settings, parsed(request.body));
    // JSON has no Infinity, and 0 says the same.
    const shown = Object.entries(state.settings).map(
      ([name, value]) => [name, value === Infinity ? 0 : value] as const,
    );
    return json(200, Object.fromEntries(shown));
  });
}

function withoutMistake(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Mistake) return json(400, { error: error.message });
    throw error;
  }
}

// Whatever the content type says: `curl -d` calls everything a form.
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Mistake("the body is not JSON");
  }
}
