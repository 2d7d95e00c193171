/** An HTTP answer before it is put on the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An object becomes JSON, a string is sent as it is, `null` is no body at all. */
  readonly body: object | string | null;
}

/** An answer with a JSON body for people and scripts: always indented. */
export function json(status: number, body: object): Answer {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body, null, 2)}\n` };
}

/**
 * A refusal in the shape that the rest of Atlas's API uses, where `error` is a number.
 * The two OAuth endpoints only answer so where the request never got as far as OAuth.
 */
export function refusal(status: number, errorCode: string, reason: string, detail: string): Answer {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: { detail, error: status, errorCode, reason },
  };
}

/** Applies the two documented query parameters, `pretty` and `envelope`. */
export function presented(answer: Answer, query: URLSearchParams): Answer {
  // Text stands for a proxy that answers in Atlas's place, and a proxy knows neither parameter.
  if (typeof answer.body === "string") return answer;

  const enveloped = query.get("envelope") === "true";
  const body = enveloped ? { status: answer.status, ...answer.body } : answer.body;
  const indent = query.get("pretty") === "true" ? 2 : 0;
  return {
    status: enveloped ? 200 : answer.status,
    headers: answer.headers,
    body: body && JSON.stringify(body, null, indent),
  };
}
