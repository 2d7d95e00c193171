import { request as undiciRequest, type Dispatcher } from "undici";

import { agentFor } from "./agents";
import type { HttpResponse } from "./http-response";
import { basicAuthorization } from "./client-auth";
import type { Clock } from "./clock";
import { PATHS, type Endpoint } from "./endpoint";
import type { Failure } from "./failure";
import { fromTransportError } from "./classify";
import type { Timeouts } from "./client-settings";
import { onAbort } from "./on-abort";
import { watchStart } from "./request-start";

// A plain `require`, which the plugin's bundler sees: the bundle has no package.json beside it.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { version } = require("../../package.json") as { version: string };

/** The most that is read of a body, in bytes: a token's answer has less than four thousand. */
const LONGEST_BODY = 64 * 1024;

export interface Request {
  readonly endpoint: Endpoint;
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly form: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
}

/** Sends one request, once, and tells what came of it; it never rejects. */
export async function send(
  request: Request,
  sending: SendOptions,
): Promise<{ answer: HttpResponse } | { failure: Failure }> {
  const { signal, timeouts, clock } = sending;
  if (signal?.aborted === true) return { failure: { code: "aborted", sent: false, retryable: false } };

  // One controller an attempt: a signal that is shared by many calls would gather undici's listeners.
  const controller = new AbortController();
  const progress: Progress = { started: false };
  let interrupt: (by: "caller" | "time") => void = () => undefined;
  const interrupted = new Promise<"caller" | "time">((resolve) => (interrupt = resolve));
  const cancelAbort = onAbort(signal, () => interrupt("caller"));
  const cancelTimer = clock.after(timeouts.attemptMs, () => interrupt("time"));
  try {
    const ending = await Promise.race([exchange(request, controller.signal, timeouts, progress), interrupted]);
    if (typeof ending === "object") return ending;
    controller.abort();
    // A revoke whose headers have come is decided; an issue needs its body.
    if (ending === "caller" && (progress.head === undefined || request.endpoint === "issue")) {
      const { started } = progress;
      return { failure: { code: "aborted", sent: started, retryable: false, mayHaveIssued: started } };
    }
    // The headers decide, also where the body never ends.
    return progress.head === undefined
      ? { failure: fromTransportError(request.endpoint, progress.started, { name: "TimeoutError" }) }
      : { answer: { ...progress.head, body: "", complete: false } };
  } finally {
    cancelTimer();
    cancelAbort();
  }
}

/** How far an attempt came. */
interface Progress {
  started: boolean;
  head?: Pick<HttpResponse, "status" | "headers">;
}

async function exchange(
  request: Request,
  signal: AbortSignal,
  limits: Timeouts,
  progress: Progress,
): Promise<{ answer: HttpResponse } | { failure: Failure }> {
  const { endpoint, origin, clientId, clientSecret, form, query } = request;
  try {
    const agent = agentFor(origin, endpoint, limits);
    const response = await undiciRequest(origin + PATHS[endpoint], {
      dispatcher: watchStart(agent, () => (progress.started = true)),
      method: "POST",
      ...(query === undefined ? {} : { query }),
      headers: {
        accept: "application/json",
        "accept-encoding": "identity",
        authorization: basicAuthorization(clientId, clientSecret),
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": `pulumi-atlas-token/${version}`,
      },
      body: new URLSearchParams(form).toString(),
      signal,
      // A kept-alive connection can be closed under an issue, and an issue is not sent twice.
      reset: endpoint === "issue",
    });
    const head = { status: response.statusCode, headers: response.headers };
    progress.head = head;
    return { answer: { ...head, ...(await readBody(response)) } };
  } catch (error) {
    return { failure: fromTransportError(endpoint, progress.started, error) };
  }
}

/** Reads a body once, as text; what goes wrong here only makes it less than complete. */
async function readBody({ body, headers }: Dispatcher.ResponseData): Promise<Pick<HttpResponse, "body" | "complete">> {
  const chunks: Buffer[] = [];
  let length = 0;
  let complete = true;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LONGEST_BODY) {
        complete = false;
        break;
      }
    }
  } catch {
    complete = false;
  }
  const bytes = Buffer.concat(chunks).subarray(0, LONGEST_BODY);
  return { body: decode(bytes, String(headers["content-type"] ?? "")), complete };
}

function decode(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w.:-]+)/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString("utf8");
  }
}
