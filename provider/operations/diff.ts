import { candidateSecrets } from "../config";
import type { Context } from "./context";
import { noteFor, expiryStatus } from "./expiry-status";
import { NEVER } from "./never";
import { changedInputs, readRecord, UNKNOWN, type InputName, type Properties, type TokenRecord } from "./record";

export interface DiffResult {
  readonly changes: boolean;
  /** The arguments that differ. */
  readonly changed: string[];
  /** Those of them that replace the token, and the output that does: `expiresAt` if it is due, `accessToken` if it is unusable. */
  readonly replaces: string[];
}

/** A change of one of these makes another token necessary. */
const REPLACING: readonly InputName[] = ["clientId", "baseUrl", "keepers", "existingToken"];

/** Decides between nothing to do, an update in place and a replacement, and says why where the inputs do not show it. */
export function diff(id: string, olds: Properties, news: Properties, context: Context): DiffResult {
  const record = readRecord(olds);
  const wanted = readRecord(news);
  const adopted = record.existingToken !== undefined;
  const changed = changedInputs(olds, news);
  const replaces: string[] = changed.filter((name) => (adopted ? name === "existingToken" : REPLACING.includes(name)));
  const say = (note: string): void => context.print(`ServiceAccountToken ${id} ${note}`);

  if (
    replaces.includes("clientId") &&
    candidateSecrets(record.clientId ?? "", record.clientSecret, context.sources).length === 0
  ) {
    say(
      `belongs to client id ${record.clientId ?? "(none)"}, for which no secret is at hand: it cannot be revoked with what is configured`,
    );
  }
  // A refresh looks for drift, and the passing of time is none.
  if (!context.runState.justRead.delete(id)) {
    if (record.incomplete) {
      replaces.push("accessToken");
      say("was issued but cannot be used: it is replaced");
    } else {
      const { renewBefore = NEVER } = wanted;
      const standing = expiryStatus(record, renewBefore, context.now());
      if (!adopted && ["within", "expired", "unreadable"].includes(standing)) replaces.push("expiresAt");
      const note = replaces.includes("existingToken")
        ? undefined
        : noteFor(standing, record, renewBefore, context.now());
      if (note !== undefined) say(note);
    }
  }
  const changedSecret = secretNote(changed, record, wanted);
  if (changedSecret !== undefined) say(changedSecret);
  if (replaces.length > 0) context.runState.replaced.add(id);
  return { changes: changed.length > 0 || replaces.length > 0, changed, replaces };
}

/** The engine shows no difference between two secrets: where one is all that changed, the preview would not say why. */
function secretNote([name, ...more]: readonly InputName[], old: TokenRecord, now: TokenRecord): string | undefined {
  if (more.length > 0 || (name !== "clientSecret" && name !== "existingToken")) return undefined;
  if (old[name] === undefined || now[name] === undefined || now[name] === UNKNOWN) return undefined;
  return name === "clientSecret"
    ? "has another clientSecret: it is updated in place, without a request"
    : "has another existingToken: it is replaced";
}
