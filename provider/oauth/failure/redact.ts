import { basicAuthorization, formEncode } from "../http/client-auth";
import { printable } from "./printable";

/** Replaces a secret. */
const PLACEHOLDER = "***";
/** Shorter secrets also occur in ordinary text, where replacing them would reveal them. */
const MIN_SECRET_LENGTH = 8;
const MAX_TEXT_LENGTH = 400;
/** Of a longer text nothing further is looked at: finding shapes in it would take too long. */
const MAX_EXAMINED_LENGTH = 10 * MAX_TEXT_LENGTH;
/** A server's text that contains so many characters of a secret in a row is dropped. */
const MATCH_LENGTH = 12;
/** Only a text that was crafted for it needs more. */
const MAX_PASSES = 16;

/**
 * What looks like a JWT, a client secret of Atlas, or base64 of either: a server can repeat a token that this call does not
 * know, such as the one that it has just failed to issue.
 */
const SECRET_SHAPES = [
  /(?:(?<![a-z])ey|eyJ)[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/g,
  /mdb_sa_sk_[\w-]+/gi,
  /(?:bWRiX3Nh|ZXlK)[\w+/-]{16,}=*/g,
];
/** The same without white space and punctuation, where whole sentences look like one word: "The API key is not valid. Ask the owner." */
const SQUEEZED_SHAPES = [/eyJ[\w-]{8,}\.[\w-]{4,}/, /mdb_sa_sk_[\w-]+/i, /(?:bWRiX3Nh|ZXlK)[\w+/-]{16,}/];
/** Escapes of URLs, JSON, JavaScript and HTML, each with the number of a character in hexadecimal or, in the last one, decimal. */
const ESCAPES = /(?:%|\\x)([0-9a-f]{2})|\\u\{?([0-9a-f]{4})\}?|&#x([0-9a-f]{1,5});|&#(\d{1,6});/gi;
/** How often a text is decoded to find out what it says. */
const MAX_DECODINGS = 3;

/** Removes the secrets of one call. */
export interface Redactor {
  /** Replaces every long secret in a text of our own making, and makes it printable. */
  redact(text: string): string;
  /** Makes a server's text fit for a message: no part of a secret, no control characters, at most 400 characters; undefined if nothing is left. */
  sanitize(text: string | undefined): string | undefined;
}

/**
 * Makes the redactor for a call's credentials and, for a revoke, its token.
 *
 * @param others the other client secrets of the operation: a server can repeat the one of an earlier attempt
 */
export function redactor(
  clientId: string,
  clientSecret: string,
  token?: string,
  others: readonly string[] = [],
): Redactor {
  const clientSecrets = [clientSecret, ...others];
  const secrets = token === undefined ? clientSecrets : [...clientSecrets, token];
  const allLong = secrets.every((secret) => secret.length >= MIN_SECRET_LENGTH);
  let made: Encodings | undefined;
  // Made for the first text that needs them; most calls end without one.
  const encodings = (): Encodings => (made ??= encodingsIn(clientId, clientSecrets, secrets));
  const redact = (text: string): string => {
    let left = text;
    for (let round = 0; round < MAX_PASSES; round++) {
      const replaced = encodings().plain.reduce((result, encoding) => result.replaceAll(encoding, PLACEHOLDER), left);
      if (replaced === left) return replaced;
      // Again: a placeholder can complete another secret.
      left = replaced;
    }
    return PLACEHOLDER;
  };
  // Twice, since removing characters can put a secret together.
  const shown = (text: string): string => redact(printable(redact(text)));
  return {
    redact: shown,
    sanitize(text) {
      if (text === undefined || !allLong) return undefined;
      const clean = withoutShapes(shown(text).slice(0, MAX_EXAMINED_LENGTH)).trim();
      if (clean === "" || encodings().normalized.some((encoding) => normalized(clean).includes(encoding)))
        return undefined;
      const short = shortened(clean);
      return readings(short).some((reading) => showsSecret(reading, encodings().secret)) ? undefined : short;
    },
  };
}

/** The ways in which the secrets of a call may be written in a text. */
interface Encodings {
  /** Longest first, so that no part of a secret is left if one encoding contains another. */
  readonly plain: readonly string[];
  /** For comparison with a normalized text. */
  readonly normalized: readonly string[];
  /** The normalized encodings of the secrets alone. */
  readonly secret: readonly string[];
}

/** Whether a reader finds a secret or a part of it in a text, white space and punctuation aside, or what looks like one. */
function showsSecret(text: string, secrets: readonly string[]): boolean {
  const squeezed = text.replace(/[^\w.-]/g, "");
  if (SQUEEZED_SHAPES.some((shape) => shape.test(squeezed))) return true;
  return [normalized, unpunctuated].some((simplified) => {
    const simple = simplified(text);
    const parts = windowsOf(simple);
    return secrets.map(simplified).some((secret) => {
      if (secret.length >= MATCH_LENGTH) return parts.some((part) => secret.includes(part));
      return secret.length >= MIN_SECRET_LENGTH && simple.includes(secret);
    });
  });
}

/** The text, read backwards too, and what its escapes, base64 and hexadecimal stand for. */
function readings(text: string, decodings = MAX_DECODINGS): string[] {
  if (decodings === 0) return [text];
  const unescaped = text.normalize("NFKC").replace(ESCAPES, (_, ...codes: (string | undefined)[]) => {
    const [byte, unit, hex, decimal = "0"] = codes;
    return String.fromCodePoint(parseInt(byte ?? unit ?? hex ?? Number(decimal).toString(16), 16));
  });
  const decode = (run: RegExp, encoding: BufferEncoding): string[] =>
    [...text.matchAll(run)].map(([encoded]) => Buffer.from(encoded, encoding).toString("utf8"));
  const decoded = [unescaped, ...decode(/[\w+/-]{16,}/g, "base64"), ...decode(/(?:[0-9a-f]{2}){8,}/gi, "hex")];
  return [
    text,
    Array.from(text).reverse().join(""),
    ...decoded.filter((other) => other !== text).flatMap((other) => readings(other, decodings - 1)),
  ];
}

function withoutShapes(text: string): string {
  return SECRET_SHAPES.reduce((result, shape) => result.replace(shape, PLACEHOLDER), text);
}

function encodingsIn(clientId: string, clientSecrets: readonly string[], secrets: readonly string[]): Encodings {
  const long = secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  const pairs = clientSecrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .map((secret) => basicAuthorization(clientId, secret).slice("Basic ".length));
  const written = [...long, ...clientSecrets.map((secret) => `${clientId}:${secret}`)].flatMap(encodingsOf);
  const plain = [...new Set([...written, ...pairs.map(unpadded)])]
    .filter((encoding) => encoding.length >= MIN_SECRET_LENGTH)
    .sort((a, b) => b.length - a.length);
  const short = plain.map(normalized);
  // Without the pair `id:secret`: it contains the client ID, which a server may quote.
  const secret = [...long.flatMap(encodingsOf), ...pairs].map(normalized);
  return { plain, normalized: short.filter((encoding) => encoding.length >= MIN_SECRET_LENGTH), secret };
}

function encodingsOf(secret: string): string[] {
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
function normalized(text: string): string {
  return text.replace(/\s/g, "").toLowerCase();
}

function unpunctuated(text: string): string {
  return text.replace(/[\s"'`,;|()[\]{}<>]/g, "").toLowerCase();
}

function windowsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - MATCH_LENGTH + 1) }, (_, start) =>
    text.slice(start, start + MATCH_LENGTH),
  );
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}

function shortened(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const halfCharacter = /[\ud800-\udbff]$/;
  return `${text.slice(0, MAX_TEXT_LENGTH).replace(halfCharacter, "").trimEnd()}…`;
}
