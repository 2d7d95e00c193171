import type { Context } from "./context";
import { printable } from "../oauth/failure/printable";
import { ARGUMENTS, changedArguments, NEVER, UNKNOWN, type ArgumentName } from "./arguments";
import { explainKept, missingSecret } from "./messages";
import { argumentsOfToken, readRecord, type Properties, type TokenRecord } from "./record";
import { judgeRenewal, judgeRevocation } from "./renewal";
import { secretsFor } from "./secrets";

export interface DiffResult {
  readonly changes: boolean;
  /** The arguments that differ. */
  readonly changed: string[];
  /** Those of them that replace the token, and `expiresAt` if it is due or `accessToken` if it cannot be used any more. */
  readonly replaces: string[];
}

/** Decides between no change, an update in place and a replacement, and prints the reason if the arguments do not show it. */
export function diff(id: string, olds: Properties, news: Properties, context: Context): DiffResult {
  const { sources, runState, now } = context;
  const record = readRecord(olds);
  const wanted = readRecord(news);
  // An adopted token stays until another one is passed.
  const stays = record.existingToken !== undefined && record.existingToken === wanted.existingToken;
  const changed = changedArguments(olds, stays ? argumentsOfToken(olds, news) : news);
  const replaces: string[] = stays ? [] : changed.filter((name) => ARGUMENTS[name].replaces);
  const print = (note: string): void => context.print(printable(`ServiceAccountToken ${id} ${note}`));

  const { clientId = "(none)", expiresAt = Infinity } = record;
  const hasSecret = (): boolean => secretsFor(record, runState.secrets, sources).length > 0;
  if (stays && expiresAt > now()) explainKept(record, wanted, hasSecret()).forEach(print);
  if (replaces.includes("clientId") && !hasSecret()) {
    print(
      `will be replaced, but ${missingSecret(clientId)}, so the old token cannot be revoked; configure it before you run \`pulumi up\``,
    );
  }
  const revoked = judgeRevocation(record);
  if (revoked.due) replaces.push("accessToken");
  if (revoked.note !== undefined && !replaces.includes("existingToken")) print(revoked.note);
  // A refresh looks for drift, and the passing of time is not drift.
  if (!runState.justRead.delete(id) && revoked.note === undefined) {
    if (record.incomplete) {
      replaces.push("accessToken");
      print("was issued but cannot be used; it will be replaced");
    } else {
      const { due, note } = judgeRenewal(record, wanted.renewBefore ?? NEVER, now());
      if (due) replaces.push("expiresAt");
      if (note !== undefined && !replaces.includes("existingToken")) print(note);
    }
  }
  const secretChange = noteForSecret(changed, record, wanted);
  if (secretChange !== undefined) context.print(printable(`ServiceAccountToken ${id}: ${secretChange}`));
  if (replaces.length > 0) runState.markReplaced(id, record);
  else runState.hold(id, record);
  return { changes: changed.length > 0 || replaces.length > 0, changed, replaces };
}

/** The engine hides how two secrets differ: if one is the only change, the preview would not say why. */
function noteForSecret(
  [name, ...others]: readonly ArgumentName[],
  old: TokenRecord,
  wanted: TokenRecord,
): string | undefined {
  if (others.length > 0 || (name !== "clientSecret" && name !== "existingToken")) return undefined;
  if (old[name] === undefined || wanted[name] === undefined || wanted[name] === UNKNOWN) return undefined;
  return name === "clientSecret"
    ? "clientSecret changed; only the state will be updated"
    : "existingToken changed; the token will be replaced";
}
