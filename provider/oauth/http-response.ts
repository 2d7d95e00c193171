/** What came back of one request: everything that decides what it means. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text, as far as it was read. */
  readonly body: string;
  /** False where the body broke off or was longer than is read. */
  readonly complete: boolean;
}

/** The first value of a header, or undefined. */
export function header(answer: Pick<HttpResponse, "headers">, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The body as a JSON object; undefined where it is anything else. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value as an object with unknown properties; undefined where it is anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
