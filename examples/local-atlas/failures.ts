import { validateHeaderName, validateHeaderValue } from "node:http";

import { z } from "zod";

import type { Answer } from "./answer";
import { documentedFailures, type Endpoint } from "./contract";
import { checked, Mistake } from "./mistake";

/** How a demanded failure differs from the documented one. */
export interface FailureOptions {
  /** How many requests get it. Default 1. */
  readonly times?: number;
  /** Which documented failure, where a status has several: a 400 is `invalid_request` unless this says otherwise. */
  readonly error?: string;
  /** Replaces the documented `Retry-After`: seconds, any text, or `null` for none. */
  readonly retryAfter?: string | number | null;
  /** Added to the documented headers, or put in their place. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the documented body: an object is sent as JSON, a string as it is, `null` is no body. */
  readonly body?: Readonly<Record<string, unknown>> | string | null;
}

export interface FailureDemand extends FailureOptions {
  readonly endpoint: Endpoint;
  /** A documented status, or any other, which then has no headers and no body but the given ones. */
  readonly status: number;
}

const demandSchema: z.ZodType<FailureDemand> = z.strictObject({
  endpoint: z.enum(["issue", "revoke"]),
  status: z.int("expected an HTTP status").min(200, "expected 200 to 599").max(599, "expected 200 to 599"),
  times: z.int("expected a whole number").min(1, "expected at least 1").exactOptional(),
  error: z.string("expected text").exactOptional(),
  retryAfter: z.union([z.string(), z.number(), z.null()], "expected seconds, text or null").exactOptional(),
  headers: z.record(z.string(), z.string("expected text")).exactOptional(),
  body: z
    .union([z.record(z.string(), z.unknown()), z.string(), z.null()], "expected an object, text or null")
    .exactOptional(),
});

/** The answers that the next requests to each endpoint get whatever they say, first demanded first. */
export class Failures {
  readonly #queues: Record<Endpoint, { readonly answer: Answer; left: number }[]> = { issue: [], revoke: [] };

  /** Returns what was demanded, checked; a `Mistake` says what is wrong with it. */
  demand(requested: unknown): FailureDemand {
    const demand = checked(demandSchema, requested);
    this.#queues[demand.endpoint].push({ answer: demandedAnswer(demand), left: demand.times ?? 1 });
    return demand;
  }

  /** Drops what is still demanded; returns how many requests would have failed. */
  forget(): number {
    const left = Object.values(this.#queues).flatMap((queue) => queue.splice(0));
    return left.reduce((sum, demand) => sum + demand.left, 0);
  }

  take(endpoint: Endpoint): Answer | undefined {
    const queue = this.#queues[endpoint];
    const next = queue[0];
    if (!next) return undefined;
    next.left -= 1;
    if (next.left === 0) queue.shift();
    return next.answer;
  }
}

function demandedAnswer({ endpoint, status, error, retryAfter, headers, body }: FailureDemand): Answer {
  const documented = documentedFailures(endpoint).find(
    (failure) => failure.status === status && (error === undefined || failure.body?.error === error),
  );
  if (error !== undefined && !documented) {
    throw new Mistake(`error: no ${status} with the error "${error}" is documented; give a body instead`);
  }
  const answer: Answer = {
    status,
    headers: demandedHeaders(documented?.headers ?? {}, retryAfter, headers),
    body: body === undefined ? (documented?.body ?? null) : body,
  };
  checkHeaders(answer.headers);
  return answer;
}

function demandedHeaders(
  documented: Readonly<Record<string, string>>,
  retryAfter: FailureOptions["retryAfter"],
  given: FailureOptions["headers"],
): Record<string, string> {
  if (retryAfter === undefined) return { ...documented, ...given };
  const { "retry-after": _replaced, ...others } = documented;
  return { ...others, ...(retryAfter !== null && { "retry-after": String(retryAfter) }), ...given };
}

// Now rather than when the answer is sent: then it would be the client's request that goes wrong.
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new Mistake(`headers: "${name}" cannot be sent with that name and value`);
    }
  }
}
