/** An HTTP response before it is sent. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as it is; `null` is no body. */
  readonly body: object | string | null;
}

/** An indented JSON response, for people and scripts. */
export function json(status: number, body: object): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body, null, 2)}\n` };
}

/** Text for people. */
export function text(body: string): HttpResponse {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/**
 * An error in the format of Atlas's other endpoints, in which `error` is a number. The two OAuth endpoints respond in
 * this format only if the request never reached OAuth.
 */
export function apiError(status: number, reason: string, detail: string, errorCode?: string) {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: { detail, error: status, ...(errorCode !== undefined && { errorCode }), reason },
  };
}

/** Applies the two documented query parameters, `pretty` and `envelope`. */
export function applyQuery(response: HttpResponse, query: URLSearchParams): HttpResponse {
  // Text imitates a proxy that responds instead of Atlas, and a proxy knows neither parameter.
  if (typeof response.body === "string") return response;

  const enveloped = query.get("envelope") === "true";
  const body = enveloped ? { status: response.status, ...response.body } : response.body;
  const indent = query.get("pretty") === "true" ? 2 : 0;
  return {
    status: enveloped ? 200 : response.status,
    headers: response.headers,
    body: body && JSON.stringify(body, null, indent),
  };
}
