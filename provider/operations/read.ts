import { recordEvent, type Context } from "./context";
import { explainUnverified } from "./messages";
import { readRecord, type Properties } from "./record";

export interface ReadResult {
  readonly id: string;
  readonly props: Properties;
}

/**
 * Returns what it was given, since Atlas has no endpoint that describes a token; with `verify` also whether Atlas still accepts
 * the token. The engine runs diff right after a read, and that diff must not report a due token as drift. Pulumi's legacy
 * refresh runs none: the next diff is then a real one, which must report it.
 */
export async function read(id: string, properties: Properties, context: Context): Promise<ReadResult> {
  const { runState, sources } = context;
  if (!isTruthy(sources.env["PULUMI_ENABLE_LEGACY_REFRESH_DIFF"])) runState.justRead.add(id);
  const { revokedElsewhere, ...others } = properties;
  const isRevoked = await isRevokedElsewhere(id, properties, context);
  return { id, props: (isRevoked ?? revokedElsewhere === true) ? { ...others, revokedElsewhere: true } : others };
}

/** Asks Atlas once, for an active token with `verify`; undefined if there is no verdict. It never fails, since a refresh must not. */
async function isRevokedElsewhere(id: string, properties: Properties, context: Context): Promise<boolean | undefined> {
  const { now, print, runState } = context;
  const record = readRecord(properties);
  const { verify = false, accessToken, baseUrl, expiresAt = Infinity, incomplete } = record;
  if (!verify || accessToken === undefined || baseUrl === undefined || incomplete) return undefined;
  if (expiresAt <= now() || runState.isIssued(id) || runState.notVerifying.has(baseUrl)) return undefined;

  const result = await context.client().verify({ baseUrl, token: accessToken });
  if (result.verdict === "accepted") return false;
  if (result.verdict === "rejected") {
    // A token that has expired by Atlas's clock was not revoked.
    if ((result.at ?? now()) >= expiresAt) return undefined;
    if (!record.revokedElsewhere)
      recordEvent(context, { event: "found_revoked", resourceId: id, status: 401, attempts: 1 }, record);
    return true;
  }
  if (result.holdsForOthers) runState.notVerifying.add(baseUrl);
  if (!runState.hasReportedUnverified) print(explainUnverified(id, result.why));
  runState.hasReportedUnverified = true;
  return undefined;
}

/** As `cmdutil.IsTruthy` in Pulumi's `sdk/go/common/util/cmdutil` reads its variables. */
function isTruthy(value = ""): boolean {
  return value === "1" || value.toLowerCase() === "true";
}
