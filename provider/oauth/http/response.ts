/** What came back of one request: everything that decides what it means. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text, as far as it was read. */
  readonly body: string;
  /** False if the body was truncated or is longer than is read. */
  readonly complete: boolean;
}

/** Returns the first value of a header. */
export function header({ headers }: Pick<HttpResponse, "headers">, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Returns the header by which Atlas says which version of it responded; a proxy or a portal does not send it. */
export function serviceVersionOf(response: Pick<HttpResponse, "headers">): string | undefined {
  return header(response, "x-mongodb-service-version");
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** Whether a response is a web page, as captive portals and proxies send them: Atlas sends none. */
export function isHtml(response: HttpResponse): boolean {
  const { body, complete } = response;
  if (/^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(body)) return true;
  const isEmpty = complete && body.trim() === "";
  return !isEmpty && /^(?:text\/html|application\/xhtml\+xml)\b/i.test(header(response, "content-type") ?? "");
}
