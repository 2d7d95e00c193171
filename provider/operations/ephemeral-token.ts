import { isAtlasOAuthError } from "../oauth/failure/error";
import { printable } from "../oauth/failure/printable";
import { UNKNOWN } from "./arguments";
import { checkArguments, type CheckFailure } from "./check";
import { callOptions, type Context, type EphemeralToken, type SharedToken } from "./context";
import { makeId, requestToken } from "./create";
import { EPHEMERAL_SUBJECT, explainUnrevokedEphemeral } from "./messages";
import { outputs, readRecord, type Properties } from "./record";
import { suggest } from "./suggest";
import { UserFacingError } from "./user-facing-error";

export interface EphemeralTokenResult {
  readonly outs: Properties;
  readonly failures: readonly CheckFailure[];
}

/** The arguments of the function. */
export const EPHEMERAL_ARGUMENTS = ["clientId", "clientSecret", "baseUrl"] as const;
/** A token that expires sooner is not returned again: its user has to begin with it, at least. */
const MIN_REMAINING_MS = 60_000;

/**
 * Returns a token that lives until the end of the run, the same to every call with the same origin and client ID. A preview
 * gets one, too, since another provider may have to read with it.
 */
export async function getEphemeralToken(args: Properties, context: Context): Promise<EphemeralTokenResult> {
  const { inputs, failures } = checkAll(args, context);
  if (failures.length > 0) return { outs: {}, failures };
  if (Object.values(inputs).includes(UNKNOWN)) {
    const outs = { accessToken: UNKNOWN, tokenType: UNKNOWN, issuedAt: UNKNOWN, expiresAt: UNKNOWN };
    return { outs, failures };
  }
  const { accessToken, issuedAt, expiresAt } = await share(inputs, context).issuing;
  const times = { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime() };
  return { outs: outputs({}, accessToken, times), failures };
}

/** Checks the arguments as those of the resource, and fills in the same defaults. */
function checkAll(args: Properties, context: Context): { inputs: Properties; failures: CheckFailure[] } {
  const unknown = Object.keys(args).filter((name) => !(EPHEMERAL_ARGUMENTS as readonly string[]).includes(name));
  const known = Object.fromEntries(EPHEMERAL_ARGUMENTS.map((name) => [name, args[name]]));
  const { inputs, failures } = checkArguments({}, known, context);
  return {
    inputs,
    failures: [
      ...unknown.map((name) => ({
        property: printable(name),
        reason: `unknown argument${suggest(name, EPHEMERAL_ARGUMENTS)}`,
      })),
      // Of a function the engine shows no values, so that each failure can name its argument.
      ...failures.map(({ property, reason }) => ({
        property: property || (EPHEMERAL_ARGUMENTS.find((name) => reason.startsWith(`${name} `)) ?? ""),
        reason,
      })),
    ],
  };
}

/** Returns the token that is in the making or has been issued, unless it is about to expire; otherwise issues one. */
function share(inputs: Properties, context: Context): SharedToken {
  const { ephemeralTokens } = context.runState;
  const key = JSON.stringify([inputs["baseUrl"], inputs["clientId"]]);
  const known = ephemeralTokens.get(key);
  if (known !== undefined && !isDue(known, context)) return known;

  const issuing = issue(inputs, context).then(
    (token) => (shared.token = token),
    (error: unknown) => {
      ephemeralTokens.delete(key);
      throw error;
    },
  );
  const shared: SharedToken = { issuing };
  ephemeralTokens.set(key, shared);
  return shared;
}

function isDue({ token }: SharedToken, { client, now }: Context): boolean {
  // Atlas's clock, since a wrong one of this machine would otherwise make every call issue a token.
  return (
    token !== undefined && token.expiresAt.getTime() - (client().atlasNow(token.baseUrl) ?? now()) < MIN_REMAINING_MS
  );
}

async function issue(inputs: Properties, context: Context): Promise<EphemeralToken> {
  const id = makeId("getEphemeralToken");
  const { clientId = "", baseUrl = "" } = readRecord(inputs);
  const { result, clientSecret } = await requestToken(id, EPHEMERAL_SUBJECT, inputs, context);
  const issued = "unrevoked" in result ? result.unrevoked : result;
  const token = { ...issued, id, clientId, clientSecret, baseUrl };
  context.runState.unrevoked.add(token);
  if (!("unrevoked" in result)) return token;
  const { notIssued } = EPHEMERAL_SUBJECT;
  const { code, description = code } = result.error;
  throw new UserFacingError(notIssued, code, `${notIssued}: ${description}`);
}

/**
 * Revokes the tokens of the run, each within so many milliseconds, also those that are being issued now. A token that cannot be
 * revoked is worth a warning: no operation is left that could fail.
 *
 * @param leftMs the time that is left, read when a token is to be revoked
 */
export async function revokeEphemeralTokens(
  leftMs: () => number,
  warn: (line: string) => void,
  context: Context,
): Promise<void> {
  const { ephemeralTokens, unrevoked } = context.runState;
  const revokeAll = async (): Promise<void> => {
    const tokens = [...unrevoked];
    unrevoked.clear();
    await Promise.all(tokens.map((token) => revoke(token, leftMs(), warn, context)));
  };
  const issuing = [...ephemeralTokens.values()].map((shared) => shared.issuing);
  await Promise.all([revokeAll(), ...issuing.map((issue) => issue.then(revokeAll, revokeAll))]);
}

async function revoke(
  { id, accessToken, expiresAt, clientId, clientSecret, baseUrl }: EphemeralToken,
  withinMs: number,
  warn: (line: string) => void,
  context: Context,
): Promise<void> {
  const client = context.client();
  const account = { clientId, clientSecret: clientSecret.value, baseUrl };
  // There is no time to find out whether this machine's clock may decide alone that the token has expired.
  const expiry = client.atlasNow(baseUrl) === undefined ? {} : { expiresAt };
  try {
    await client.revoke({ ...callOptions(id, context), ...account, ...expiry, token: accessToken }, { withinMs });
  } catch (error) {
    if (!isAtlasOAuthError(error)) throw error;
    const { source } = clientSecret;
    const { attempts, elapsedMs } = error;
    const request = { source, sources: context.sources, attempts, elapsedMs };
    warn(explainUnrevokedEphemeral(expiresAt.getTime(), context.now(), error, request));
  }
}
