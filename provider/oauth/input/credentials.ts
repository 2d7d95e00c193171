/** RFC 6750 section 2.1. Atlas responds with 200 to a token that it does not know, so that a mangled one would look revoked. */
const B64_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
/** A byte order mark counts as white space in JavaScript; in front of a token it shows that a file was read wrongly. */
const SURROUNDING_WHITE_SPACE = /^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g;
const CLIENT_ID_PREFIX = "mdb_sa_id_";
const CLIENT_SECRET_PREFIX = "mdb_sa_sk_";

/** A value in its canonical form, or what is wrong with it, in words that follow its name and never repeat it: it may be secret. */
export type Parsed<T = string> = { readonly value: T } | { readonly problem: string };

/** Reads an access token: removes white space around it and refuses what is not a `b64token` of RFC 6750, a client ID and a client secret. */
export function parseAccessToken(value: unknown): Parsed {
  if (typeof value !== "string" || value === "") return { problem: "must be a non-empty string" };
  const token = value.replace(SURROUNDING_WHITE_SPACE, "");
  if (token.startsWith(CLIENT_SECRET_PREFIX))
    return { problem: "must be an access token, but a client secret was given" };
  if (token.startsWith(CLIENT_ID_PREFIX)) return { problem: "must be an access token, but a client ID was given" };
  if (B64_TOKEN.test(token)) return { value: token };
  return { problem: 'must be the access token alone, without "Bearer", quotes, JSON or other characters around it' };
}

/** Reads a client ID: removes white space around it and refuses a client secret. */
export function parseClientId(value: unknown): Parsed {
  const parsed = parseNonEmptyString(value);
  if ("problem" in parsed) return parsed;
  if (parsed.value.startsWith(CLIENT_SECRET_PREFIX)) {
    return { problem: `must be a client ID (${CLIENT_ID_PREFIX}…), but a client secret was given` };
  }
  return parsed;
}

/** Reads a client secret: removes white space around it and refuses a client ID. */
export function parseClientSecret(value: unknown): Parsed {
  const parsed = parseNonEmptyString(value);
  if ("problem" in parsed) return parsed;
  if (parsed.value.startsWith(CLIENT_ID_PREFIX)) {
    return { problem: `must be a client secret (${CLIENT_SECRET_PREFIX}…), but a client ID was given` };
  }
  return parsed;
}

function parseNonEmptyString(value: unknown): Parsed {
  const text = typeof value === "string" ? value.trim() : "";
  if (text === "") return { problem: "must be a non-empty string" };
  // A lone surrogate has no UTF-8 form: what arrived would not be what was given.
  return text.isWellFormed() ? { value: text } : { problem: "must be well-formed Unicode" };
}
