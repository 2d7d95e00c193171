import { basicAuthorization, formEncode } from "./client-auth";

/** What stands where a secret stood. */
const MARK = "***";
/** A shorter secret would be found in innocent text, and its absence would give it away. */
const SHORTEST = 8;
const LONGEST_TEXT = 400;
/** A text that takes more was made to take them. */
const MOST_ROUNDS = 16;

/** Scrubs the very strings that are secret in one call; made once a call. */
export interface Redactor {
  /** Takes every long secret out of a text of our own making. */
  redact(text: string): string;
  /** Makes a server's text fit for a message: no secret, no control characters, no great length; undefined if nothing is left. */
  sanitize(text: string | undefined): string | undefined;
}

/** Makes the redactor for a call's credentials and, for a revoke, its token. */
export function redactor(clientId: string, clientSecret: string, token?: string): Redactor {
  const secrets = token === undefined ? [clientSecret] : [clientSecret, token];
  const allLong = secrets.every((secret) => secret.length >= SHORTEST);
  let made: Forms | undefined;
  // When the first text has to be scrubbed: most calls end without one.
  const forms = (): Forms => (made ??= formsIn(clientId, clientSecret, secrets));
  const redact = (text: string): string => {
    let left = text;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const rest = forms().plain.reduce((each, form) => each.replaceAll(form, MARK), left);
      if (rest === left) return rest;
      // Again: a mark can complete another secret.
      left = rest;
    }
    return MARK;
  };
  return {
    redact,
    sanitize(text) {
      if (text === undefined || !allLong) return undefined;
      // Twice: taking characters out can put a secret together.
      const clean = redact(printable(redact(text))).trim();
      // Blanks and line breaks do not hide a secret from a reader, nor does another case, in which a URL has its host.
      const hidden = squeezed(clean).toLowerCase();
      return clean === "" || forms().squeezed.some((form) => hidden.includes(form)) ? undefined : shortened(clean);
    },
  };
}

/** The ways in which the secrets of a call may be written in a text. */
interface Forms {
  /** Longest first, so that no part of a secret is left where one form contains another. */
  readonly plain: readonly string[];
  /** Without blanks and in lower case, to be looked for in a text of that kind. */
  readonly squeezed: readonly string[];
}

function formsIn(clientId: string, clientSecret: string, secrets: readonly string[]): Forms {
  const long = secrets.filter((secret) => secret.length >= SHORTEST);
  const pairs =
    clientSecret.length < SHORTEST ? [] : [basicAuthorization(clientId, clientSecret).slice("Basic ".length)];
  const plain = [...new Set([...long, `${clientId}:${clientSecret}`].flatMap(formsOf).concat(pairs.map(unpadded)))]
    .filter((form) => form.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const short = plain.map((form) => squeezed(form).toLowerCase());
  return { plain, squeezed: short.filter((form) => form.length >= SHORTEST) };
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    printable(secret).trim(),
    formEncode(secret),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    unpadded(bytes.toString("base64")),
    bytes.toString("base64url"),
  ];
}

function squeezed(text: string): string {
  return text.replace(/\s/g, "");
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}

/** Removes control, escape, line and bidirectional characters, with which a text could pass itself off as another. */
function printable(text: string): string {
  const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
  return text
    .replace(ansi, "")
    .replace(/\s/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/ +/g, " ");
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const halfCharacter = /[\ud800-\udbff]$/;
  return `${text.slice(0, LONGEST_TEXT).replace(halfCharacter, "").trimEnd()}…`;
}
