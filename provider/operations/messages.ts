import { formatSpan } from "../duration";
import type { AtlasOAuthError } from "../oauth/failure/error";
import { CLOCK_SKEW_MS } from "../oauth/input/lifetime";
import { mayHaveProcessed } from "../oauth/failure/failure";
import { hostAndPath, reasonOf, summary } from "../oauth/failure/messages";
import { printable } from "../oauth/failure/printable";
import type { RevokeResult } from "../oauth/revoke";
import { configCommand, VARIABLES, type ConfigSources } from "../config";
import { UNKNOWN } from "./arguments";
import { formatTime, type TokenRecord } from "./record";
import { describeExpiry } from "./renewal";

/** What a message says of a request in addition to its error. */
export interface RequestInfo {
  /** Where the client secret came from, in words. */
  readonly source: string;
  readonly sources: ConfigSources;
  /** Of all calls, if several client secrets were tried. */
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** What a message says of a token. */
export interface TokenInfo {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** The ID of the token that replaced it in this run, if that is certain. */
  readonly replacedBy: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Says where to configure what is missing: the argument, the configuration, the environment. */
export function whereToSet(key: "clientId" | "clientSecret", sources: ConfigSources): string {
  const places = [
    `the argument ${key}`,
    ...(sources.namespace === "mongodbatlas" ? [] : [`the provider's argument ${key}`]),
    `\`${configCommand(key, sources)}\``,
  ];
  return `${places.join(", ")} or the environment variable ${VARIABLES[key]}`;
}

/** Says that a client ID has no client secret, and where to set one. */
export function setMissingSecret(clientId: string, sources: ConfigSources): string {
  return (
    `${missingSecret(clientId)}. Set it with ${whereToSet("clientSecret", sources)}. ` +
    "A client secret paired with another client ID is ignored."
  );
}

/** Says which client ID has no client secret. */
export function missingSecret(clientId: string): string {
  return `no client secret is configured for client ID ${printable(clientId)}`;
}

/** How the messages about an issue name what the token is for. */
export interface IssueSubject {
  readonly notIssued: string;
  readonly issuedAgain: string;
  /** What to do once the cause is gone. */
  readonly rerun: string;
  /** Whose arguments are meant. */
  readonly owner: "resource" | "function";
}

/** Names a resource that has no ID yet. */
export function describeResource(name: string): string {
  return `ServiceAccountToken "${printable(name)}"`;
}

export function subjectOfResource(name: string): IssueSubject {
  const resource = describeResource(name);
  return {
    notIssued: `${resource} was not created`,
    issuedAgain: `${resource} is being created again`,
    rerun: "rerun `pulumi up`",
    owner: "resource",
  };
}

export const EPHEMERAL_SUBJECT: IssueSubject = {
  notIssued: "The ephemeral token was not issued",
  issuedAgain: "The ephemeral token is being issued again",
  rerun: "rerun the command",
  owner: "function",
};

/** Explains why no token was issued. */
export function explainIssue(
  subject: IssueSubject,
  error: AtlasOAuthError,
  request: RequestInfo,
  neverReceived: number,
): string {
  return report(`${subject.notIssued}: ${summary(error)}`, [
    ...details(error, request),
    error.mayHaveIssued ? `${describeNeverReceived(neverReceived)}.` : undefined,
    `Next: ${nextForIssue(error, subject)}.`,
  ]);
}

/** Warns when create runs again although an earlier attempt may have left a token; only an error hook does that. */
export function explainRepeatedCreate({ issuedAgain }: IssueSubject, neverReceived: number): string {
  return `${issuedAgain}: ${describeNeverReceived(neverReceived)}.`;
}

function describeNeverReceived(count: number): string {
  return count === 1
    ? "Atlas may have issued a token that was never received; it cannot be revoked and expires within an hour"
    : `Atlas may have issued ${count} tokens that were never received; they cannot be revoked and expire within an hour`;
}

function nextForIssue(error: AtlasOAuthError, { rerun, owner }: IssueSubject): string {
  if (error.webPage === true) return `${CHECK_PATH}, then ${rerun}`;
  switch (error.code) {
    case "invalid_client":
      return `check the client ID and client secret of the service account, then ${rerun}`;
    case "access_denied":
      return `${nextForDenied(error, owner)}. Then ${rerun}`;
    case "unreachable":
      return `check the base URL, this machine's network and its proxy, then ${rerun}`;
    case "unsupported_runtime":
      return `${CHECK_RUNTIME}, then ${rerun}`;
    case "rate_limited":
      return `wait for the rate limit to reset, or declare fewer tokens per service account, then ${rerun}`;
    case "invalid_request":
      return `check the client ID and client secret, and the arguments of the ${owner}, then ${rerun}`;
    case "invalid_argument":
      return `check the arguments of the ${owner}, then ${rerun}`;
    case "unsupported_grant_type":
    case "invalid_grant":
    case "unexpected_response":
      return `${CHECK_PATH}, then ${rerun}`;
    case "server_error":
    case "service_unavailable":
    case "no_response":
    case "aborted":
      return rerun;
  }
}

const FIX_PROBLEM = "fix the reported problem (retrying unchanged will fail again)";
const CHECK_NETWORK = "check this machine's network and its proxy";
const CHECK_RUNTIME = "check which Node.js and which undici (`npm ls undici`) run this package";
const CHECK_PATH = "check the base URL and any proxy between this machine and Atlas";

/** Atlas denies access for two reasons: it names one, or the user has to check both. */
function nextForDenied({ description = "" }: AtlasOAuthError, owner: IssueSubject["owner"]): string {
  const limit =
    "remove tokens of the service account that are no longer used from their programs and run `pulumi up` there, or wait until they expire" +
    (owner === "resource"
      ? ". If the limit blocks a replacement, set the resource option `deleteBeforeReplace: true`"
      : "");
  if (/access list/i.test(description)) return allowAddress(description);
  if (/token limit/i.test(description)) return limit;
  return `${allowAddress(description)}. If it has reached its limit of active tokens, ${limit}`;
}

/** Whether the service account has an IP access list is certain only if Atlas's words name it. */
function allowAddress(description = ""): string {
  return /access list/i.test(description)
    ? "add this machine's IP address to the service account's IP access list"
    : "if the service account has an IP access list, add this machine's IP address to it";
}

/** Explains why a token could not be revoked, and what to do about it. */
export function explainRevoke(token: TokenInfo, error: AtlasOAuthError, request: RequestInfo): string {
  const unknown = mayHaveProcessed(error);
  return report(
    `ServiceAccountToken ${token.id} ${unknown ? "may not have been" : "was not"} revoked: ${summary(error)}`,
    [
      ...details(error, request),
      describeState(token, unknown),
      `Next: ${nextForRevoke(error, retryCommand(token))}.`,
      isAboutCredentials(error) ? configHint(token, request.sources) : undefined,
      expiryHint(token, isAboutCredentials(error)),
    ],
  );
}

/** Whether Atlas rejected the client ID or the client secret, so that another secret may be accepted. */
export function isAboutCredentials({ code, webPage }: AtlasOAuthError): boolean {
  // Atlas reports malformed credentials as `invalid_request`.
  return webPage !== true && (code === "invalid_client" || code === "invalid_request");
}

function configHint({ replacedBy }: TokenInfo, sources: ConfigSources): string {
  const set = `set the client secret with \`${configCommand("clientSecret", sources)}\``;
  return replacedBy === undefined
    ? `Or, while the program still declares a token, ${set}, then run \`pulumi destroy --run-program\` (a plain destroy uses the configuration of the last \`pulumi up\`).`
    : `Or ${set}, then rerun \`pulumi up\`.`;
}

/** @param rerun the command that tries again, as the last step */
function nextForRevoke({ code, clientId, description, webPage }: AtlasOAuthError, rerun: string): string {
  if (webPage === true) return `${CHECK_PATH}, then ${rerun}`;
  const setSecret =
    `set the environment variable ${VARIABLES.clientSecret} to the current client secret of ${clientId} ` +
    `(${VARIABLES.clientId} must be ${clientId} or unset)`;
  switch (code) {
    case "invalid_client":
      return `${setSecret}, then ${rerun}`;
    case "invalid_request":
      return `if the client secret is wrong, ${setSecret}. Otherwise, ${FIX_PROBLEM}. Then ${rerun}`;
    case "access_denied":
      return `${allowAddress(description)}, then ${rerun}`;
    case "unreachable":
      return `${CHECK_NETWORK}, then ${rerun}`;
    case "unsupported_runtime":
      return `${CHECK_RUNTIME}, then ${rerun}`;
    case "unexpected_response":
    case "unsupported_grant_type":
      return `${CHECK_PATH}, then ${rerun}`;
    case "invalid_grant":
      return `if another service account issued the token, revoke it with that one and remove the resource with \`pulumi state delete\`. Otherwise, ${CHECK_PATH}, then ${rerun}`;
    case "invalid_argument":
      return `correct that value in the state: run \`pulumi stack export --file state.json\`, edit the file, and run \`pulumi stack import --file state.json\`. Then ${rerun}`;
    case "rate_limited":
    case "server_error":
    case "service_unavailable":
    case "no_response":
    case "aborted":
      return rerun;
  }
}

/**
 * Explains that no client secret is configured for a token's client ID.
 *
 * @param inUse the client ID that the program gets from the environment: setting the variables for this token would undo a move to it
 * @param problem what is wrong with a client secret that is configured for it
 */
export function explainMissingSecret(
  token: TokenInfo,
  clientId: string,
  { inUse, problem }: { readonly inUse: string | undefined; readonly problem: string | undefined },
): string {
  return report(`ServiceAccountToken ${token.id} was not revoked: ${missingSecret(clientId)}`, [
    problem === undefined ? undefined : `Reason: ${problem}`,
    describeState(token, false),
    inUse === undefined
      ? undefined
      : `The program gets client ID ${inUse} from ${VARIABLES.clientId}. Before the next step, configure that client ID and its client secret with \`pulumi config set\` or as arguments; otherwise \`pulumi up\` will move back to ${clientId}.`,
    `Next: set ${VARIABLES.clientId} and ${VARIABLES.clientSecret} to ${clientId} and its client secret, then ${retryCommand(token)}.`,
    expiryHint(token),
  ]);
}

/** Explains that the state does not contain what a revocation needs. */
export function explainUnreadable(token: TokenInfo, missing: string): string {
  return report(`ServiceAccountToken ${token.id} was not revoked: ${missingFromState(missing)}`, [
    describeState(token, false),
    "The state was modified outside Pulumi.",
    `Next: restore the state from a backup. As a last resort, remove the resource with \`pulumi state delete\`, which does not revoke the token. Then ${retryCommand(token)}.`,
    expiryHint(token),
  ]);
}

export function missingFromState(name: string): string {
  return `${name} is missing from the state`;
}

/**
 * Explains why a token was deleted without a revocation: it has expired.
 *
 * @param unsent why no request could be sent, if that is the reason
 */
export function explainExpired(
  { id, expiresAt = NaN, now }: TokenInfo,
  { knownBy, attempts, reason = "" }: Omit<RevokeResult & { readonly outcome: "expired" }, "outcome">,
  unsent?: string,
): string {
  const expired = `ServiceAccountToken ${printable(id)} ${describeExpiry(expiresAt, now)}`;
  if (knownBy === "local-clock") {
    const unconfirmed =
      unsent === undefined
        ? `Atlas did not confirm it (${[...(attempts === 0 ? [] : [`attempts: ${attempts}`]), reason].join("; ")})`
        : `no request could be sent to confirm it (${unsent})`;
    return `${expired} according to this machine's clock; ${unconfirmed}. The resource was deleted from the state; the token was not revoked.`;
  }
  return attempts === 0
    ? `${expired}; no revocation was needed.`
    : `${expired}; Atlas did not confirm a revocation (attempts: ${attempts}), and none is needed.`;
}

/** Says which changed arguments do not apply to an adopted token, one line for each. */
export function explainKept(token: TokenRecord, wanted: TokenRecord, hasSecret: boolean): string[] {
  const names = (["clientId", "baseUrl"] as const).filter((name) => {
    const values = [token[name], wanted[name]];
    return values[0] !== values[1] && !values.includes(undefined) && !values.includes(UNKNOWN);
  });
  return names.map((name) => {
    const own = token[name] ?? "";
    const revocation = hasSecret
      ? "will be revoked with its client secret"
      : `cannot be revoked, because ${missingSecret(own)}`;
    const kept = name === "baseUrl" ? `at ${own} and will be revoked there` : `with client ID ${own} and ${revocation}`;
    return `was adopted ${kept}; the changed ${name} (${wanted[name] ?? ""}) applies only to another existingToken`;
  });
}

/** Says why a token was deleted without a revocation although it has not expired: another resource has it as well. */
export function explainHeld(id: string, holder: string): string {
  return printable(
    `ServiceAccountToken ${id} was deleted from the state without revoking its token, because ${holder} has the same token and will revoke it.`,
  );
}

/** Says that Atlas gave no verdict on a token whose program asks for one. */
export function explainUnverified(id: string, why: string): string {
  return printable(
    `It is not known whether ServiceAccountToken ${id} was revoked outside Pulumi: ${why}. Nothing changes because of that.`,
  );
}

/** Explains that a token exists that cannot be used and could not be revoked at once; the state contains it. */
export function explainUnrevoked(id: string, why: string): string {
  return report(`ServiceAccountToken ${id} was issued but cannot be used: ${why}`, [
    "It was saved in the state so that it can be revoked.",
    "Next: run `pulumi up`, which will replace and revoke it, or `pulumi destroy` if the stack is no longer needed.",
  ]);
}

/** Warns that an ephemeral token has outlived its run. */
export function explainUnrevokedEphemeral(
  expiresAt: number,
  now: number,
  error: AtlasOAuthError,
  request: RequestInfo,
): string {
  const unknown = mayHaveProcessed(error);
  const fix = fixForNextRun(error);
  // At the end of a run there is no time to wait for the rate limit.
  const why = error.code === "rate_limited" ? "rate_limited (429): Atlas limits the rate of requests" : summary(error);
  return report(`The ephemeral token of this run ${unknown ? "may not have been" : "was not"} revoked: ${why}`, [
    ...details(error, request),
    describeState({ expiresAt, replacedBy: undefined, now }, unknown),
    `Next: wait until then; no later run can revoke this token, because the provider does not store it.${fix === undefined ? "" : ` Before the next run, ${fix}.`}`,
  ]);
}

function fixForNextRun({ code, clientId, description = "", webPage }: AtlasOAuthError): string | undefined {
  if (webPage === true) return CHECK_PATH;
  switch (code) {
    case "invalid_client":
    case "invalid_request":
      return `check the client secret of ${clientId}`;
    case "access_denied":
      return allowAddress(description);
    case "unreachable":
      return CHECK_NETWORK;
    case "unsupported_runtime":
      return CHECK_RUNTIME;
    case "unexpected_response":
    case "unsupported_grant_type":
    case "invalid_grant":
      return CHECK_PATH;
    case "invalid_argument":
    case "rate_limited":
    case "server_error":
    case "service_unavailable":
    case "no_response":
    case "aborted":
      return undefined;
  }
}

function details(error: AtlasOAuthError, { source, attempts, elapsedMs }: RequestInfo): (string | undefined)[] {
  const { code, description, cause, serviceVersion, retryAfter, endpoint, origin, clientId } = error;
  const transport = [cause?.syscall, cause?.code ?? cause?.name].filter((part) => part !== undefined).join(" ");
  return [
    description === undefined ? undefined : `Reason: ${reasonOf(error) ?? ""}`,
    transport === "" ? undefined : `Transport: ${transport}`,
    ...(code === "invalid_argument"
      ? []
      : [
          `Request: POST ${hostAndPath(origin, endpoint)}, client ID ${clientId}, client secret from ${source}`,
          `Attempts: ${attempts} in ${(elapsedMs / 1000).toFixed(1)} s${retryAfter === undefined ? "" : `; Retry-After: ${formatSpan(retryAfter * 1000)}`}`,
        ]),
    serviceVersion === undefined ? undefined : `Service version: ${serviceVersion}`,
  ];
}

function describeState({ expiresAt, replacedBy, now }: Omit<TokenInfo, "id">, unknown: boolean): string {
  const replacement = replacedBy === undefined ? "" : ` Its replacement ${replacedBy} was issued and is in use.`;
  const state = unknown ? "may or may not be revoked" : "is still active";
  if (expiresAt === undefined) return `The token ${state}; its expiry is not known.${replacement}`;
  const expiry = describeExpiry(expiresAt, now);
  if (expiresAt > now) return `The token ${state}; it ${expiry}.${replacement}`;
  return `The token may still be active on Atlas's clock; it ${expiry} according to this machine's clock.${replacement}`;
}

/** Which command to rerun is known only if a replacement was issued in the same run. */
function retryCommand({ replacedBy }: TokenInfo): string {
  return replacedBy === undefined
    ? "rerun `pulumi destroy`, or `pulumi up` if the resource was removed from the program or replaced"
    : "rerun `pulumi up`";
}

/** @param mayBeDeleted whether the service account may have been deleted, so that no client secret helps */
function expiryHint({ expiresAt, now }: TokenInfo, mayBeDeleted = false): string | undefined {
  if (expiresAt === undefined) {
    return mayBeDeleted
      ? "If the service account was deleted, remove the resource with `pulumi state delete`."
      : undefined;
  }
  const end = expiresAt + CLOCK_SKEW_MS;
  const wait = mayBeDeleted ? "Or wait, also if the service account was deleted" : "Or wait";
  return now > end
    ? `${wait}: once the token has expired on Atlas's clock too, deletion succeeds.`
    : `${wait}: after ${formatTime(end)} the token has expired, and deletion succeeds even if Atlas cannot be reached.`;
}

function report(headline: string, lines: readonly (string | undefined)[]): string {
  return [headline, ...lines.filter((line) => line !== undefined)].map(printable).join("\n  ");
}
