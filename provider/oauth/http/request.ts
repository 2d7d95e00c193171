import type { Clock } from "../lib/clock";
import { onAbort } from "../lib/on-abort";
import { readBody } from "./body";
import { connectionsFor, type Timeouts } from "./connections";
import { PATHS } from "./endpoint";
import { watchStart } from "./request-start";
import type { HttpResponse } from "./response";
import { request as sendThrough } from "./undici";

// The plugin's bundler only recognizes a plain `require`, and the bundle ships without package.json.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { version } = require("../../../package.json") as { version: string };

/** What is sent to an endpoint. */
export interface AtlasRequest {
  readonly endpoint: keyof typeof PATHS;
  readonly origin: string;
  /** The value of the header. */
  readonly authorization: string;
  /** What is posted; without it the request is a GET. */
  readonly form?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** What happened to a request that got no response. */
export interface NoResponse {
  readonly endedBy: "error" | "timeout" | "caller";
  /** Whether the request had been put on its connection, so that Atlas may have processed it. */
  readonly started: boolean;
  /** What the transport threw, if an error ended the request. */
  readonly error?: unknown;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
}

/** Sends one request, once, until its response, its timeout or the caller's signal, whichever is first; never rejects. */
export async function send(request: AtlasRequest, options: SendOptions): Promise<HttpResponse | NoResponse> {
  const { signal, timeouts, clock } = options;
  if (signal?.aborted === true) return { endedBy: "caller", started: false };

  const { endpoint, origin, authorization, form, query = {} } = request;
  // Each request has a controller of its own: undici's listeners would pile up on a signal that many calls share.
  const controller = new AbortController();
  let started = false;
  let head: Pick<HttpResponse, "status" | "headers"> | undefined;
  const exchange = async (): Promise<HttpResponse | NoResponse> => {
    try {
      const connections = connectionsFor(origin, endpoint, timeouts);
      const response = await sendThrough.call(
        watchStart(connections, () => (started = true)),
        {
          origin,
          path: PATHS[endpoint],
          method: form === undefined ? "GET" : "POST",
          query,
          headers: {
            accept: form === undefined ? "application/vnd.atlas.2023-01-01+json" : "application/json",
            "accept-encoding": "identity",
            authorization,
            ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
            "user-agent": `pulumi-atlas-token/${version}`,
          },
          body: form === undefined ? null : new URLSearchParams(form).toString(),
          signal: controller.signal,
          // A server can close a kept-alive connection while an issue is sent on it, and an issue is not sent twice.
          reset: endpoint === "issue",
        },
      );
      head = { status: response.statusCode, headers: response.headers };
      return { ...head, ...(await readBody(response.body, head)) };
    } catch (error) {
      return { endedBy: "error", started, error };
    }
  };

  let interrupt: (by: "caller" | "timeout") => void = () => undefined;
  const interrupted = new Promise<"caller" | "timeout">((resolve) => (interrupt = resolve));
  const cancelAbort = onAbort(signal, () => interrupt("caller"));
  const cancelTimer = clock.after(timeouts.attemptMs, () => interrupt("timeout"));
  try {
    const exchanged = exchange();
    const ending = await Promise.race([exchanged, interrupted]);
    if (typeof ending === "object") return ending;
    controller.abort();
    // The status counts even if the body never ends, and so does what came of it: an issued token may be complete.
    return head === undefined ? { endedBy: ending, started } : await exchanged;
  } finally {
    cancelTimer();
    cancelAbort();
  }
}
