import { createHash, timingSafeEqual } from "node:crypto";

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Reads a Basic header whose two halves are form-urlencoded (RFC 6749 section 2.3.1). */
export function readBasic(header: string | undefined): Credentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  if (clientId === undefined || clientSecret === undefined) return undefined;
  try {
    return { clientId: formDecoded(clientId), clientSecret: formDecoded(clientSecret) };
  } catch {
    return undefined; // A stray % is not form-urlencoded.
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

/** The service accounts. During a rotation an account has several valid secrets, as on Atlas. */
export class Accounts {
  readonly #secrets = new Map<string, readonly string[]>();

  constructor(clients: Readonly<Record<string, string | readonly string[]>>) {
    for (const [clientId, secrets] of Object.entries(clients)) this.setSecrets(clientId, [secrets].flat());
  }

  setSecrets(clientId: string, secrets: readonly string[]): void {
    this.#secrets.set(clientId, [...secrets]);
  }

  /** Also true for a removed account: its ID is still not a secret, so the log may contain it. */
  knows(clientId: string): boolean {
    return this.#secrets.has(clientId);
  }

  accepts({ clientId, clientSecret }: Credentials): boolean {
    return (this.#secrets.get(clientId) ?? []).some((secret) => sameSecret(secret, clientSecret));
  }
}

// Digests, since timingSafeEqual requires equal lengths, and the length of a secret is secret as well.
function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
