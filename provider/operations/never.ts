/** The `renewBefore` that keeps an expired token. */
export const NEVER = "never";
/** The `renewBefore` of a token whose program says nothing. */
export const DEFAULT_RENEW_BEFORE = "10m";
