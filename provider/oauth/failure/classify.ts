import { header, isHtml, serviceVersionOf, type HttpResponse } from "../http/response";
import { asObject, jsonObject } from "../lib/json";
import type { Endpoint } from "../http/endpoint";
import type { NoResponse } from "../http/request";
import { NODE_VERSIONS } from "./node-version";
import { mayHaveProcessed, type AtlasOAuthFailure, type Failure, type TransportCause } from "./failure";
import { parseUrl } from "../input/base-url";
import { parseRateLimit } from "./rate-limit";
import { parseRetryAfter } from "./retry-after";

/**
 * Classifies a failed response. The status decides, whatever the body holds.
 *
 * @param status the failing status; an envelope can carry another one than the response itself
 */
export function fromResponse(endpoint: Endpoint, response: HttpResponse, status = response.status): Failure {
  const { error, description } = readErrorBody(response.body);
  const variant = fromStatus(status, error);
  const isPage = isWebPage(response, status);
  const retryAfter = parseRetryAfter(response.headers["retry-after"], header(response, "date"));
  const limit = variant.code === "rate_limited" ? parseRateLimit(response) : undefined;
  const serviceVersion = serviceVersionOf(response);
  const words =
    description ?? (variant.code === "unexpected_response" ? describeUnexpected(response, error) : undefined);
  return {
    ...variant,
    retryable: isRetryable(endpoint, variant),
    mayHaveIssued: mayHaveProcessed(variant),
    ...(words === undefined ? {} : { description: words }),
    ...(isPage ? { webPage: true, description: WEB_PAGE } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(limit === undefined ? {} : { limit }),
    ...(serviceVersion === undefined ? {} : { serviceVersion }),
  };
}

const WEB_PAGE = "a proxy or a filter between this machine and Atlas sent a web page";

/** Whether a proxy or a filter has responded instead of Atlas: nothing that it says is about credentials or access lists. */
function isWebPage(response: HttpResponse, status: number): boolean {
  const isAtlas = serviceVersionOf(response) !== undefined;
  return status >= 400 && !isAtlas && isHtml(response);
}

function fromStatus(status: number, error: string | undefined): AtlasOAuthFailure {
  switch (status) {
    case 400:
      if (error === "invalid_request" || error === "unsupported_grant_type" || error === "invalid_grant") {
        return { code: error, status };
      }
      return { code: "unexpected_response", status };
    case 401:
      return { code: "invalid_client", status };
    case 403:
      return { code: "access_denied", status };
    case 429:
      return { code: "rate_limited", status };
    case 500:
      return { code: "server_error", status };
    case 503:
      return { code: "service_unavailable", status };
    default:
      return { code: "unexpected_response", status };
  }
}

/** A revoke can be repeated without harm; an issue only if it is certain that nothing was issued. */
function isRetryable(endpoint: Endpoint, { code, status = 0 }: AtlasOAuthFailure): boolean {
  if (code === "rate_limited" || code === "service_unavailable") return true;
  return endpoint === "revoke" && (status >= 500 || status === 408 || status === 425);
}

/**
 * Reads both shapes of error body, also inside an envelope: OAuth's `{error, error_description}` and the gateway's
 * `{error: 429, errorCode, detail, reason}`.
 */
function readErrorBody(text: string): { readonly error?: string; readonly description?: string } {
  const body = jsonObject(text);
  const content = asObject(body?.["content"]) ?? body;
  if (content === undefined) return {};
  const error = [content["error"], content["errorCode"]].find((value) => typeof value === "string");
  const description = [content["error_description"], content["detail"], content["reason"]].map(asText).find(Boolean);
  return { ...(error === undefined ? {} : { error }), ...(description === undefined ? {} : { description }) };
}

/** Ignores anything but a string or a number, since converting a nested object to text can throw. */
function asText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function describeUnexpected(response: HttpResponse, error: string | undefined): string | undefined {
  const location = header(response, "location");
  if (response.status >= 300 && response.status < 400 && location !== undefined) {
    // A location without a scheme can still name another host.
    const here = "https://here.invalid";
    const url = parseUrl(location, here);
    const target = url === undefined || url.origin === here ? "another path" : url.host;
    return `Atlas redirected to ${target}; redirects are not followed because requests carry credentials`;
  }
  return error;
}

/** The code of the error that `connectionsFor` throws; its message is our own. */
const INVALID_PROXY = "ERR_INVALID_URL";
/** OpenSSL's verdicts on a certificate, as Node.js names them, and the one on its name. */
const CERTIFICATE = /CERT|ISSUER|SIGNATURE|CRL|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE|HOSTNAME_MISMATCH/;
/** undici's message if a proxy responds to CONNECT with anything but 200; the error has no code of its own. */
const PROXY_REFUSAL = /^Proxy response \((\d+)\)/;

/** The codes of a network and of TLS, as the operating system, Node.js and undici name them, or the names of errors without one. */
const TRANSPORT =
  /^(?:(?!ERR_)E[A-Z0-9_]+|ERR_(?:SSL|TLS|SOCKET)_\w+|HPE_\w+|UND_ERR_(?!INVALID|NOT_SUPPORTED)\w+|HTTPParserError|TimeoutError)$/;
/** What a mistake in a program throws, whatever its code. */
const MISTAKE = /^(?:Type|Range|Reference|Syntax)Error$/;

/** Statuses of a proxy that may pass, as opposed to a refusal. */
const TRANSIENT_PROXY_STATUSES = ["502", "503", "504"];

/** Classifies a request that got no response. */
export function fromNoResponse(endpoint: Endpoint, { endedBy, started, error }: NoResponse): Failure {
  if (endedBy === "caller") return { code: "aborted", sent: started, retryable: false, mayHaveIssued: started };
  return fromTransportError(endpoint, started, endedBy === "timeout" ? { name: "TimeoutError" } : error);
}

/**
 * Classifies a failure of the transport.
 *
 * @param started whether the request had been put on its connection, so that Atlas may have processed it
 */
export function fromTransportError(endpoint: Endpoint, started: boolean, error: unknown): Failure {
  const cause = causeOf(error);
  if (started) return { code: "no_response", retryable: endpoint === "revoke", mayHaveIssued: true, cause };
  const refusal = PROXY_REFUSAL.exec(error instanceof Error ? error.message : "")?.[1];
  if (refusal !== undefined) {
    const description = `the proxy refused CONNECT (status ${refusal})`;
    return { code: "unreachable", retryable: TRANSIENT_PROXY_STATUSES.includes(refusal), description, cause };
  }
  if (cause.code === INVALID_PROXY && error instanceof Error) {
    return { code: "unreachable", retryable: false, description: error.message, cause };
  }
  if (CERTIFICATE.test(cause.code ?? "")) {
    const description = `the certificate could not be verified (${cause.code ?? ""}); ${certificateAdvice(cause.code ?? "")}`;
    return { code: "unreachable", retryable: false, description, cause };
  }
  if (MISTAKE.test(cause.name) || (cause.syscall === undefined && !TRANSPORT.test(cause.code ?? cause.name))) {
    const description = `the runtime or undici is not what this package needs (${cause.code ?? cause.name}): it ${NODE_VERSIONS}`;
    return { code: "unsupported_runtime", retryable: false, description, cause };
  }
  return { code: "unreachable", retryable: true, cause };
}

function certificateAdvice(code: string): string {
  if (/ALTNAME|HOSTNAME/.test(code)) return "it is for another host name";
  if (/EXPIRED|NOT_YET_VALID/.test(code)) return "renew it, or correct this machine's clock";
  if (/REVOKED|REJECTED/.test(code)) return "it must not be trusted";
  return "to trust a private CA, set NODE_EXTRA_CA_CERTS";
}

/** Some errors only wrap the one that names the cause, for example those of undici's proxy. */
function causeOf(error: unknown): TransportCause {
  if (typeof error !== "object" || error === null) return { name: "Error" };
  const { name, code, syscall, cause } = error as Record<string, unknown>;
  const inner = typeof code === "string" || cause === undefined ? undefined : causeOf(cause);
  return (
    inner ?? {
      name: typeof name === "string" ? name : "Error",
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof syscall === "string" ? { syscall } : {}),
    }
  );
}
