import { basicAuthorization, formEncode } from "./client-auth";

/** Replaces a secret. */
const MARK = "***";
/** A shorter secret occurs in innocent text, where its replacement would give it away. */
const SHORTEST = 8;
const LONGEST_TEXT = 400;
/** A server's text that contains so many characters of a secret in a row is dropped. */
const WINDOW = 12;
/** Only a text that was made for it takes more. */
const MOST_ROUNDS = 16;

/** Removes the very strings that are secret in one call. */
export interface Redactor {
  /** Replaces every long secret in a text of our own making. */
  redact(text: string): string;
  /** Makes a server's text fit for a message: no part of a secret, no control characters, at most 400 characters; undefined if nothing is left. */
  sanitize(text: string | undefined): string | undefined;
}

/** Makes the redactor for a call's credentials and, for a revoke, its token. */
export function redactor(clientId: string, clientSecret: string, token?: string): Redactor {
  const secrets = token === undefined ? [clientSecret] : [clientSecret, token];
  const allLong = secrets.every((secret) => secret.length >= SHORTEST);
  let made: Forms | undefined;
  // Made for the first text that needs them; most calls end without one.
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
      // Twice, since removing characters can put a secret together.
      const clean = redact(printable(redact(text))).trim();
      if (clean === "" || forms().squeezed.some((form) => squeezed(clean).includes(form))) return undefined;
      const shown = shortened(clean);
      return windowsOf(squeezed(shown)).some((part) => forms().secret.some((form) => form.includes(part)))
        ? undefined
        : shown;
    },
  };
}

/** The ways in which the secrets of a call may be written in a text. */
interface Forms {
  /** Longest first, so that no part of a secret is left if one form contains another. */
  readonly plain: readonly string[];
  /** For comparison with a squeezed text. */
  readonly squeezed: readonly string[];
  /** The squeezed forms of the secrets alone. */
  readonly secret: readonly string[];
}

function formsIn(clientId: string, clientSecret: string, secrets: readonly string[]): Forms {
  const long = secrets.filter((secret) => secret.length >= SHORTEST);
  const pairs =
    clientSecret.length < SHORTEST ? [] : [basicAuthorization(clientId, clientSecret).slice("Basic ".length)];
  const plain = [...new Set([...long, `${clientId}:${clientSecret}`].flatMap(formsOf).concat(pairs.map(unpadded)))]
    .filter((form) => form.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const short = plain.map(squeezed);
  // Without the pair, which contains the client ID, of which a server may well speak.
  const secret = [...long.flatMap(formsOf), ...pairs].map(squeezed);
  return { plain, squeezed: short.filter((form) => form.length >= SHORTEST), secret };
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

/** White space and line breaks do not hide a secret from a reader, nor does another case. */
function squeezed(text: string): string {
  return text.replace(/\s/g, "").toLowerCase();
}

function windowsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, start) => text.slice(start, start + WINDOW));
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
