import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";

import { header, type HttpResponse } from "./response";

/** The most that is read of a body, in bytes, compressed or not: the response with a token has less than four thousand. */
const MAX_BODY = 64 * 1024;

interface Bytes {
  readonly bytes: Buffer;
  /** Whether these are all the bytes. */
  readonly complete: boolean;
}

/** Reads a body once, as text. What goes wrong here only makes it incomplete, since the status alone decides. */
export async function readBody(
  body: AsyncIterable<Buffer>,
  head: Pick<HttpResponse, "headers">,
): Promise<Pick<HttpResponse, "body" | "complete">> {
  let read = await collect(body);
  // The request asks for identity, but a response that holds an issued token must not be lost to a careless proxy.
  for (const encoding of (header(head, "content-encoding") ?? "").split(",").reverse()) {
    const decoder = decoderFor(encoding.trim().toLowerCase(), read.bytes);
    if (decoder === undefined) continue;
    const sent = read;
    decoder.end(sent.bytes);
    const decoded = await collect(decoder);
    // Not encoded at all, whatever the header says.
    if (decoded.bytes.length === 0 && !decoded.complete) continue;
    read = { bytes: decoded.bytes, complete: sent.complete && decoded.complete };
  }
  return { body: decode(read.bytes, header(head, "content-type") ?? ""), complete: read.complete };
}

async function collect(source: AsyncIterable<Buffer>): Promise<Bytes> {
  const chunks: Buffer[] = [];
  let length = 0;
  let complete = true;
  try {
    for await (const chunk of source) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BODY) {
        complete = false;
        break;
      }
    }
  } catch {
    complete = false;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_BODY), complete };
}

function decoderFor(encoding: string, bytes: Buffer): Transform | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "deflate":
      // Some servers omit the zlib header, whose first byte names the method 8.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      return undefined;
  }
}

function decode(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w.:-]+)/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString("utf8");
  }
}
