import { CLOCK_SKEW } from "../oauth/expiry";
import { formatSpan } from "../duration";
import { hostAndPath } from "../oauth/endpoint";
import { headline } from "../oauth/messages";
import type { AtlasOAuthError } from "../oauth/error";
import { configCommand, VARIABLES, type ConfigSources } from "../config";
import { describeExpiry } from "./expiry-status";
import { formatTime } from "./record";

/** What a message about a call says beside the error: whose call it was and with which secret. */
export interface RequestInfo {
  readonly origin: string;
  readonly clientId: string;
  /** Where the secret came from, in words. */
  readonly source: string;
  readonly sources: ConfigSources;
}

/** What a message about a token says of it. */
export interface TokenInfo {
  readonly id: string;
  readonly expiresAt: number | undefined;
  /** The id of the token that replaced it in this run. */
  readonly replacedBy: string | undefined;
  readonly now: number;
}

function setSecret(sources: ConfigSources): string {
  return (
    `set the new secret in ${VARIABLES.clientSecret}, or with \`${configCommand("clientSecret", sources)}\`` +
    ` followed by \`pulumi destroy --run-program\` (a plain destroy sees the configuration of the last \`pulumi up\`)`
  );
}
const ORPHAN =
  "A token may have been issued that nobody holds: it cannot be revoked and expires by itself within an hour";

/** Explains why no token was issued for a resource. */
export function explainIssue(name: string, error: AtlasOAuthError, circumstances: RequestInfo): string {
  return report(`ServiceAccountToken "${name}": no token was issued: ${title(error)}`, [
    ...details(error, circumstances),
    error.mayHaveIssued ? `${ORPHAN}.` : undefined,
    `Next: ${nextForIssue(error)}.`,
  ]);
}

function nextForIssue(error: AtlasOAuthError): string {
  switch (error.code) {
    case "invalid_client":
      return "check the client id and secret of the service account, then run `pulumi up` again";
    case "access_denied":
      return (
        "if Atlas names its IP access list, add this machine's address to that of the service account;" +
        " if it names the limit of 100 active tokens, revoke some or wait until they expire, and where the limit" +
        " blocks a replacement, set the resource option `deleteBeforeReplace: true`; then run `pulumi up` again"
      );
    case "unreachable":
      return "check the base URL, the network and the proxy of this machine, then run `pulumi up` again";
    case "rate_limited":
      return "wait until the limit is over, or declare fewer tokens for one service account, then run `pulumi up` again";
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
    case "invalid_argument":
      return "check the arguments of the resource, then run `pulumi up` again";
    case "unexpected_response":
      return "check the base URL and the proxies on the way, then run `pulumi up` again";
    case "server_error":
    case "service_unavailable":
    case "no_response":
    case "aborted":
      return "run `pulumi up` again";
  }
}

/** Explains why a token could not be revoked, and what to do about it. */
export function explainRevoke(subject: TokenInfo, error: AtlasOAuthError, circumstances: RequestInfo): string {
  return report(`ServiceAccountToken ${subject.id} was not revoked: ${title(error)}`, [
    ...details(error, circumstances),
    describeState(subject, error.code === "no_response"),
    `Next: ${nextForRevoke(error, circumstances.sources)}${retryCommand(subject)}.`,
    expiryHint(subject),
  ]);
}

function nextForRevoke(error: AtlasOAuthError, sources: ConfigSources): string {
  switch (error.code) {
    case "invalid_client":
      return `if the secret was rotated, ${setSecret(sources)}; if the service account is gone, only waiting helps; then `;
    case "access_denied":
      return "add this machine's address to the IP access list of the service account, then ";
    case "unreachable":
      return "check the network and the proxy of this machine, then ";
    case "unexpected_response":
      return "check the base URL and the proxies on the way, then ";
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
      return "mend what Atlas complains of, since the same request gets the same answer, then ";
    case "rate_limited":
    case "server_error":
    case "service_unavailable":
    case "no_response":
    case "aborted":
    case "invalid_argument":
      return "";
  }
}

/**
 * Explains that there is nothing to revoke a token with.
 *
 * @param inUse the client id that the program has from the variables which are to be set: they alone would undo a move
 */
export function explainMissingSecret(subject: TokenInfo, clientId: string, inUse?: string): string {
  return report(
    `ServiceAccountToken ${subject.id} was not revoked: no secret is at hand for its client id ${clientId}`,
    [
      describeState(subject, false),
      inUse === undefined
        ? undefined
        : `If the program has ${inUse} from ${VARIABLES.clientId}, first give it in the configuration or as inputs: otherwise \`pulumi up\` would move back to ${clientId}.`,
      `Next: set ${VARIABLES.clientId} and ${VARIABLES.clientSecret} to that service account's, then ${retryCommand(subject)}.`,
      expiryHint(subject),
    ],
  );
}

/** Explains that the state does not hold what a revoke needs. */
export function explainUnreadable(subject: TokenInfo, missing: string): string {
  return report(`ServiceAccountToken ${subject.id} was not revoked: the state holds no ${missing}`, [
    describeState(subject, false),
    "The state was edited or written by something else.",
    `Next: restore the state from a backup, or give the resource up with \`pulumi state delete\`, which revokes nothing; then ${retryCommand(subject)}.`,
    expiryHint(subject),
  ]);
}

/** Explains that a token exists that is of no use and could not be revoked at once; the state holds it. */
export function explainKept(id: string, why: string): string {
  return report(`ServiceAccountToken ${id} was issued but cannot be used: ${why}`, [
    "It is kept in the state, so that it is not lost.",
    "Next: run `pulumi up`, which replaces and revokes it, or `pulumi destroy`, which revokes it.",
  ]);
}

function title(error: AtlasOAuthError): string {
  return `${error.code}${error.status === undefined ? "" : ` (${error.status})`}: ${headline(error)}`;
}

function details(error: AtlasOAuthError, { origin, clientId, source }: RequestInfo): (string | undefined)[] {
  const { description, cause, serviceVersion, attempts, elapsedMs, retryAfter, endpoint } = error;
  const transport = [cause?.code ?? cause?.name, cause?.syscall].filter((part) => part !== undefined).join(" ");
  return [
    description === undefined ? undefined : `${quotesAtlas(error) ? "Atlas says" : "Reason"}: ${description}`,
    transport === "" ? undefined : `Transport: ${transport}`,
    `Request: POST ${hostAndPath(origin, endpoint)}, client id ${clientId}, secret from ${source}`,
    `Attempts: ${attempts} in ${(elapsedMs / 1000).toFixed(1)} s${retryAfter === undefined ? "" : `; Atlas asks to wait ${formatSpan(retryAfter * 1000)}`}`,
    serviceVersion === undefined ? undefined : `Service version: ${serviceVersion}`,
  ];
}

/** Where there is no documented answer, the client says in its own words what is wrong. */
function quotesAtlas({ code, status }: AtlasOAuthError): boolean {
  return status !== undefined && code !== "unexpected_response";
}

function describeState({ expiresAt, replacedBy, now }: TokenInfo, unknown: boolean): string {
  const state = unknown ? "may be revoked already, or still be active" : "is still active";
  const expiry = expiresAt === undefined ? "its expiry is not known" : `it ${describeExpiry(expiresAt, now)}`;
  const replacement = replacedBy === undefined ? "" : ` Its replacement ${replacedBy} is issued and in use.`;
  return `The token ${state}; ${expiry}.${replacement}`;
}

/** The command that tries again: which one it was is known only where a replacement was issued in the same run. */
function retryCommand({ replacedBy }: TokenInfo): string {
  return replacedBy === undefined
    ? "run the same command again: `pulumi destroy`, or `pulumi up` where the resource has left the program"
    : "run `pulumi up` again";
}

/** What remains where nothing helps: the token dies by itself. */
function expiryHint({ expiresAt }: TokenInfo): string | undefined {
  if (expiresAt === undefined) return undefined;
  return `Or wait: from ${formatTime(expiresAt + CLOCK_SKEW)} on it succeeds without Atlas, since the token has expired by then.`;
}

function report(headline: string, lines: readonly (string | undefined)[]): string {
  return [headline, ...lines.filter((line) => line !== undefined).map((line) => `  ${line}`)].join("\n");
}
