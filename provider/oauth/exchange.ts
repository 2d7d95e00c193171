import { request as undiciRequest } from "undici";

import { agentFor } from "./agents";
import { fromTransportError } from "./classify";
import { basicAuthorization } from "./client-auth";
import type { Timeouts } from "./client-settings";
import { PATHS, type Endpoint } from "./endpoint";
import type { Failure } from "./failure";
import type { HttpResponse } from "./http-response";
import { watchStart } from "./request-start";
import { readBody } from "./response-body";

// The plugin's bundler only recognizes a plain `require`, and the bundle ships without package.json.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { version } = require("../../package.json") as { version: string };

export interface Request {
  readonly endpoint: Endpoint;
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly form: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** What came of one request. */
export type Sent = { readonly response: HttpResponse } | { readonly failure: Failure };

/** How far a request came; kept up to date, so that whoever interrupts it knows. */
export interface RequestProgress {
  started: boolean;
  head?: Pick<HttpResponse, "status" | "headers">;
}

/** Makes one HTTP exchange; never rejects. */
export async function exchange(
  request: Request,
  signal: AbortSignal,
  timeouts: Timeouts,
  progress: RequestProgress,
): Promise<Sent> {
  const { endpoint, origin, clientId, clientSecret, form, query = {} } = request;
  try {
    const agent = agentFor(origin, endpoint, timeouts);
    const response = await undiciRequest(origin + PATHS[endpoint], {
      dispatcher: watchStart(agent, () => (progress.started = true)),
      method: "POST",
      query,
      headers: {
        accept: "application/json",
        "accept-encoding": "identity",
        authorization: basicAuthorization(clientId, clientSecret),
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": `pulumi-atlas-token/${version}`,
      },
      body: new URLSearchParams(form).toString(),
      signal,
      // A server can close a kept-alive connection while an issue is sent on it, and an issue is not sent twice.
      reset: endpoint === "issue",
    });
    const head = { status: response.statusCode, headers: response.headers };
    progress.head = head;
    return { response: { ...head, ...(await readBody(response.body, head)) } };
  } catch (error) {
    return { failure: fromTransportError(endpoint, progress.started, error) };
  }
}
