import { createHmac, randomBytes, randomUUID } from "node:crypto";

export interface IssuedToken {
  /** The token itself, for code in this process; the log and the control endpoints never contain it. */
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

/** Issues tokens and remembers all of them, even after they were revoked or expired. */
export class Tokens {
  readonly #key = randomBytes(32);
  readonly #stored = new Map<string, Stored>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(clientId: string, lifetimeSeconds: number): IssuedToken {
    // Whole seconds, since `iat` and `exp` of the JWT must agree with `expires_in`, which has no fractions.
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
    return this.#snapshot(stored);
  }

  find(token: string): IssuedToken | undefined {
    const stored = this.#stored.get(token);
    return stored && this.#snapshot(stored);
  }

  list(): IssuedToken[] {
    return [...this.#stored.values()].map((stored) => this.#snapshot(stored));
  }

  activeOf(clientId: string): IssuedToken[] {
    return this.list().filter((token) => token.active && token.clientId === clientId);
  }

  /** Does nothing for a token that is unknown, revoked or expired. */
  revoke(token: string): void {
    const stored = this.#stored.get(token);
    if (stored && this.#isActive(stored)) stored.revokedAt = new Date(this.#now());
  }

  #isActive(stored: Stored): boolean {
    return stored.revokedAt === null && this.#now() < stored.expiresAt.getTime();
  }

  #snapshot(stored: Stored): IssuedToken {
    return { ...stored, active: this.#isActive(stored) };
  }

  // Atlas signs with RS256. HS256 needs no key pair, and no client verifies the signature.
  #signed(claims: object): string {
    const content = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`;
    return `${content}.${createHmac("sha256", this.#key).update(content).digest("base64url")}`;
  }
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
