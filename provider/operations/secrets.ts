import { candidateSecrets, type ConfigSources, type ResolvedValue } from "../config";
import type { TokenRecord } from "./record";

type Account = Pick<TokenRecord, "clientId" | "baseUrl">;

/**
 * The client secrets that this run was given or Atlas accepted. Each is for one client ID at one origin, so that none is
 * sent elsewhere.
 */
export class KnownSecrets {
  readonly #known = new Map<string, string[]>();
  readonly #accepted = new Map<string, string>();

  /** Notes a secret that the program passes: after a rotation, the state still has the old one. */
  note(account: Account, secret: string): void {
    const known = this.#known.get(keyOf(account)) ?? [];
    if (!known.includes(secret)) this.#known.set(keyOf(account), [...known, secret]);
  }

  noteAccepted(account: Account, secret: string): void {
    this.note(account, secret);
    this.#accepted.set(keyOf(account), secret);
  }

  /** Adds the known secrets to those that are configured, and puts the one that Atlas accepted last first. */
  complete(account: Account, configured: readonly ResolvedValue[]): ResolvedValue[] {
    const key = keyOf(account);
    const others = (this.#known.get(key) ?? []).filter((known) => configured.every(({ value }) => value !== known));
    const secrets = [...configured, ...others.map((value) => ({ value, source: "the arguments of this run" }))];
    const accepted = this.#accepted.get(key);
    return secrets.sort((a, b) => Number(b.value === accepted) - Number(a.value === accepted));
  }
}

function keyOf({ clientId, baseUrl }: Account): string {
  return JSON.stringify([clientId, baseUrl]);
}

/** Lists the client secrets to try for a token, the likeliest first: those that are configured, then those of this run. */
export function secretsFor(record: TokenRecord, known: KnownSecrets, sources: ConfigSources): ResolvedValue[] {
  const { clientId, clientSecret } = record;
  return clientId === undefined ? [] : known.complete(record, candidateSecrets(clientId, clientSecret, sources));
}
