import { createHmac, randomBytes, randomUUID } from "node:crypto";

export interface IssuedToken {
  /** The token itself: only for code in this process, never for the log or the control endpoints. */
  readonly token: string;
  readonly jti: string;
  readonly clientId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** Neither revoked nor expired. */
  readonly active: boolean;
}

type Stored = Omit<IssuedToken, "active" | "revokedAt"> & { revokedAt: Date | null };

/** Issues tokens and remembers all of them, also after they ended. */
export class Tokens {
  readonly #key = randomBytes(32);
  readonly #stored = new Map<string, Stored>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(clientId: string, lifetimeSeconds: number): IssuedToken {
    // Whole seconds, because a JWT's `iat` and `exp` are compared with `expires_in`, which has no fractions.
    const iat = Math.floor(this.#now() / 1000);
    const exp = iat + lifetimeSeconds;
    const jti = randomUUID();
    const stored: Stored = {
      token: this.#signed({ sub: clientId, jti, iat, exp }),
      jti,
      clientId,
      issuedAt: new Date(iat * 1000),
      expiresAt: new Date(exp * 1000),
      revokedAt: null,
    };
    this.#stored.set(stored.token, stored);
    return this.#seen(stored);
  }

  find(token: string): IssuedToken | undefined {
    const stored = this.#stored.get(token);
    return stored && this.#seen(stored);
  }

  list(): IssuedToken[] {
    return [...this.#stored.values()].map((stored) => this.#seen(stored));
  }

  activeOf(clientId: string): IssuedToken[] {
    return this.list().filter((token) => token.active && token.clientId === clientId);
  }

  /** Revoking what is unknown or over changes nothing. */
  revoke(token: string): void {
    const stored = this.#stored.get(token);
    if (stored && this.#isActive(stored)) stored.revokedAt = new Date(this.#now());
  }

  #isActive(stored: Stored): boolean {
    return stored.revokedAt === null && this.#now() < stored.expiresAt.getTime();
  }

  #seen(stored: Stored): IssuedToken {
    return { ...stored, active: this.#isActive(stored) };
  }

  // HS256 where Atlas signs with RS256: no caller verifies the signature, and a random key needs no key pair.
  #signed(claims: object): string {
    const content = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`;
    return `${content}.${createHmac("sha256", this.#key).update(content).digest("base64url")}`;
  }
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
