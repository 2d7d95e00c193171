import { json, type HttpResponse } from "./http-response";
import { parameter, readForm, type Request } from "./request";
import { changeSettings } from "./settings";
import type { State } from "./state";
import { UsageError } from "./usage-error";

// Endpoints of Local Atlas, the stand-in server, that Atlas does not have: for demos, tests in another process, and curl.

export function showLog(state: State): HttpResponse {
  return json(200, state.log.entries());
}

/** RFC 7662, but without credentials: these tokens are worth nothing elsewhere. */
export function introspect(state: State, request: Request): HttpResponse {
  const text = parameter(readForm(request), "token");
  if (text === undefined) return json(400, { error: "send one token as a form: token=…" });

  // Section 2.2 allows no details of a token that is not active.
  const token = state.tokens.find(text);
  if (!token?.active) return json(200, { active: false });
  return json(200, {
    active: true,
    client_id: token.clientId,
    iat: token.issuedAt.getTime() / 1000,
    exp: token.expiresAt.getTime() / 1000,
  });
}

export function requestFailure(state: State, request: Request): HttpResponse {
  return reportingUsageErrors(() => json(200, state.failures.add(parseJson(request.body))));
}

export function clearFailures(state: State): HttpResponse {
  return json(200, { cleared: state.failures.clear() });
}

export function adjustSettings(state: State, request: Request): HttpResponse {
  return reportingUsageErrors(() => {
    changeSettings(state.settings, parseJson(request.body));
    // JSON has no Infinity, and 0 means the same.
    const shown = Object.entries(state.settings).map(
      ([name, value]) => [name, value === Infinity ? 0 : value] as const,
    );
    return json(200, Object.fromEntries(shown));
  });
}

function reportingUsageErrors(handle: () => HttpResponse): HttpResponse {
  try {
    return handle();
  } catch (error) {
    if (error instanceof UsageError) return json(400, { error: error.message });
    throw error;
  }
}

// Whatever the content type: `curl -d` sends everything as a form.
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UsageError("the body is not valid JSON");
  }
}
