/** The usual tolerance of clock skew, in milliseconds: a token that expired for longer is dead on every clock. */
export const CLOCK_SKEW = 5 * 60_000;
