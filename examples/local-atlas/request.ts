import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request with its complete body. */
export interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly body: string;
}

const bodyLimit = 64 * 1024;

/** Reads a body as text; `undefined` if it exceeds 64 KiB. Rejects if the client disconnects. */
export async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is read and dropped, since a client that is still sending may never see the response.
    if (length <= bodyLimit) chunks.push(chunk);
  }
  return length <= bodyLimit ? Buffer.concat(chunks).toString() : undefined;
}

/** The form in the body; `undefined` if the content type is another one. */
export function readForm({ headers, body }: Request): URLSearchParams | undefined {
  const mediaType = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return mediaType === "application/x-www-form-urlencoded" ? new URLSearchParams(body) : undefined;
}

/** A parameter of a form; `undefined` if it is missing, empty or repeated (RFC 6749 section 3.1). */
export function parameter(form: URLSearchParams | undefined, name: string): string | undefined {
  const values = form?.getAll(name) ?? [];
  return values.length === 1 && values[0] !== "" ? values[0] : undefined;
}
