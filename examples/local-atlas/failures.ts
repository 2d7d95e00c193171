import { validateHeaderName, validateHeaderValue } from "node:http";

import { z } from "zod";

import { documentedFailures, type Endpoint } from "./contract";
import type { HttpResponse } from "./http-response";
import { UsageError, validate } from "./usage-error";

/** How a requested failure differs from the documented one. */
export interface FailureOptions {
  /** How many requests fail. Default: 1. */
  readonly times?: number;
  /** Selects one of several documented failures of a status by its `error`. Default: the first, for 400 `invalid_request`. */
  readonly error?: string;
  /** Selects one of several documented failures of a status by a part of its `error_description`, in any case. */
  readonly description?: string;
  /** Replaces the documented `Retry-After`: seconds, any text, or `null` for none. */
  readonly retryAfter?: string | number | null;
  /** Adds or replaces headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the documented body: an object is sent as JSON, a string as it is; `null` is no body. */
  readonly body?: Readonly<Record<string, unknown>> | string | null;
}

export interface FailureRequest extends FailureOptions {
  readonly endpoint: Endpoint;
  /** A documented status, or any other, which is sent with no other headers and body than the given ones. */
  readonly status: number;
}

const text = z.string("expected a string").exactOptional();

const failureSchema: z.ZodType<FailureRequest> = z.strictObject({
  endpoint: z.enum(["issue", "revoke", "status"]),
  status: z.int("expected an HTTP status").min(200, "expected 200 to 599").max(599, "expected 200 to 599"),
  times: z.int("expected a whole number").min(1, "expected at least 1").exactOptional(),
  error: text,
  description: text,
  retryAfter: z.union([z.string(), z.number(), z.null()], "expected seconds, a string or null").exactOptional(),
  headers: z.record(z.string(), z.string("expected a string")).exactOptional(),
  body: z
    .union([z.record(z.string(), z.unknown()), z.string(), z.null()], "expected an object, a string or null")
    .exactOptional(),
});

/** The failures that were requested for the next requests to each endpoint, in that order. */
export class Failures {
  readonly #queues: Record<Endpoint, { readonly response: HttpResponse; left: number }[]> = {
    issue: [],
    revoke: [],
    status: [],
  };

  /**
   * Queues a failure and returns it as validated.
   *
   * @throws UsageError if it is invalid
   */
  add(requested: unknown): FailureRequest {
    const request = validate(failureSchema, requested);
    this.#queues[request.endpoint].push({ response: failureResponse(request), left: request.times ?? 1 });
    return request;
  }

  /** Drops all queued failures and returns how many requests would have failed. */
  clear(): number {
    const dropped = Object.values(this.#queues).flatMap((queue) => queue.splice(0));
    return dropped.reduce((sum, { left }) => sum + left, 0);
  }

  take(endpoint: Endpoint): HttpResponse | undefined {
    const queue = this.#queues[endpoint];
    const next = queue[0];
    if (!next) return undefined;
    next.left -= 1;
    if (next.left === 0) queue.shift();
    return next.response;
  }
}

function failureResponse(request: FailureRequest): HttpResponse {
  const { status, error, description, retryAfter, headers, body } = request;
  const documented = documentedFailures(request.endpoint).find(
    (failure) =>
      failure.status === status &&
      (error === undefined || failure.body?.error === error) &&
      (description === undefined ||
        failure.body?.error_description?.toLowerCase().includes(description.toLowerCase()) === true),
  );
  if (!documented && (error !== undefined || description !== undefined)) {
    const selector = error === undefined ? `description "${description ?? ""}"` : `error "${error}"`;
    throw new UsageError(`no failure with status ${status} and ${selector} is documented; pass a body instead`);
  }
  const response = {
    status,
    headers: failureHeaders(documented?.headers ?? {}, retryAfter, headers),
    body: body === undefined ? (documented?.body ?? null) : body,
  };
  validateHeaders(response.headers);
  return response;
}

function failureHeaders(
  documented: Readonly<Record<string, string>>,
  retryAfter: FailureOptions["retryAfter"],
  requested: FailureOptions["headers"],
): Record<string, string> {
  if (retryAfter === undefined) return { ...documented, ...requested };
  const { "retry-after": _replaced, ...others } = documented;
  return { ...others, ...(retryAfter !== null && { "retry-after": String(retryAfter) }), ...requested };
}

// Now and not when the response is sent, so that the error reaches whoever requested the failure.
function validateHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new UsageError(`headers: "${name}" has an invalid name or value`);
    }
  }
}
