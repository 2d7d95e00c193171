import { fromNoResponse } from "./failure/classify";
import { hostAndPath, reasonOf, summary } from "./failure/messages";
import type { ClientSettings } from "./client-settings";
import { parseHttpDate } from "./http/date";
import { send } from "./http/request";
import { header, isHtml, isSuccess, serviceVersionOf, type HttpResponse } from "./http/response";
import { parseBaseUrl } from "./input/base-url";
import { parseAccessToken } from "./input/credentials";
import { jsonObject } from "./lib/json";

export interface VerifyOptions {
  readonly baseUrl: string;
  readonly token: string;
}

/** What Atlas says of a token. */
export type Verdict =
  | { readonly verdict: "accepted" }
  /** At that time by Atlas's clock, in milliseconds since the epoch, if the response told it. */
  | { readonly verdict: "rejected"; readonly at: number | undefined }
  | {
      readonly verdict: "unknown";
      /** What happened instead, in words that hold nothing secret. */
      readonly why: string;
      /** Whether other tokens of the origin would probably not get a verdict either, only after a wait or under a rate limit. */
      readonly holdsForOthers: boolean;
    };

const TIMEOUT_MS = 10_000;
const TIMEOUTS = { connectMs: TIMEOUT_MS, responseMs: TIMEOUT_MS, attemptMs: TIMEOUT_MS };

/**
 * Asks Atlas with the token itself whether it is accepted: one `GET /api/atlas/v2`, within ten seconds, never retried. Never rejects.
 *
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-getsystemstatus
 */
export async function verify({ baseUrl, token }: VerifyOptions, { clock }: ClientSettings): Promise<Verdict> {
  const base = parseBaseUrl(baseUrl);
  const access = parseAccessToken(token);
  if ("problem" in base) return unknown(`the base URL in the state ${base.problem}`);
  if ("problem" in access) return unknown(`the token in the state ${access.problem}`);

  const request = { endpoint: "status", origin: base.value, authorization: `Bearer ${access.value}` } as const;
  const response = await send(request, { timeouts: TIMEOUTS, clock });
  if ("endedBy" in response) {
    const failure = fromNoResponse("revoke", response);
    const details = reasonOf(failure);
    return unknown(summary(failure) + (details === undefined ? "" : ` (${details})`), true);
  }
  const { status } = response;
  if (isSuccess(status) && isFromAtlas(response)) return { verdict: "accepted" };
  if (status === 401 && isFromAtlas(response)) {
    return { verdict: "rejected", at: parseHttpDate(header(response, "date")) };
  }
  const whose = isHtml(response) ? "a web page, which is not from Atlas's API" : "no verdict on the token";
  const hint = status === 403 ? ": an IP access list may refuse this machine" : "";
  return unknown(`GET ${hostAndPath(base.value, "status")} returned ${status}, ${whose}${hint}`, status === 429);
}

function unknown(why: string, holdsForOthers = false): Verdict {
  return { verdict: "unknown", why, holdsForOthers };
}

/** Whether Atlas itself responded: a portal has a 200 for everything, and a proxy has reasons of its own for a 401. */
function isFromAtlas(response: HttpResponse): boolean {
  if (isHtml(response)) return false;
  if (serviceVersionOf(response) !== undefined) return true;
  const { error, errorCode, ...facts } = jsonObject(response.body) ?? {};
  if (response.status === 401) return error === 401 || typeof errorCode === "string";
  return error === undefined && errorCode === undefined && Object.keys(facts).length > 0;
}
