/** How long one attempt may take, in milliseconds. */
export interface Limits {
  /** To connect, the TLS handshake included. */
  readonly connectMs: number;
  /** From the request to the answer's headers, and between two pieces of its body. */
  readonly answerMs: number;
  /** For all of it: undici's own limits do not end a stalled CONNECT or a body that trickles. */
  readonly attemptMs: number;
}

export const DEFAULT_LIMITS: Limits = { connectMs: 10_000, answerMs: 30_000, attemptMs: 45_000 };
