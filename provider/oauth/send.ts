import type { Clock } from "./clock";
import type { Timeouts } from "./client-settings";
import { fromTransportError } from "./classify";
import { exchange, type RequestProgress, type Request, type Sent } from "./exchange";
import { onAbort } from "./on-abort";

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
}

/** Sends one request, once, until its response, its timeout or the caller's signal, whichever is first; never rejects. */
export async function send(request: Request, { signal, timeouts, clock }: SendOptions): Promise<Sent> {
  if (signal?.aborted === true) return { failure: { code: "aborted", sent: false, retryable: false } };

  // Each attempt has a controller of its own: undici's listeners would pile up on a signal that many calls share.
  const controller = new AbortController();
  const progress: RequestProgress = { started: false };
  let interrupt: (by: "caller" | "timeout") => void = () => undefined;
  const interrupted = new Promise<"caller" | "timeout">((resolve) => (interrupt = resolve));
  const cancelAbort = onAbort(signal, () => interrupt("caller"));
  const cancelTimer = clock.after(timeouts.attemptMs, () => interrupt("timeout"));
  try {
    const ending = await Promise.race([exchange(request, controller.signal, timeouts, progress), interrupted]);
    if (typeof ending === "object") return ending;
    controller.abort();
    // The headers decide a revoke, whereas an issue needs the body.
    if (ending === "caller" && (progress.head === undefined || request.endpoint === "issue")) {
      const { started } = progress;
      return { failure: { code: "aborted", sent: started, retryable: false, mayHaveIssued: started } };
    }
    // The status counts even if the body never ends.
    return progress.head === undefined
      ? { failure: fromTransportError(request.endpoint, progress.started, { name: "TimeoutError" }) }
      : { response: { ...progress.head, body: "", complete: false } };
  } finally {
    cancelTimer();
    cancelAbort();
  }
}
