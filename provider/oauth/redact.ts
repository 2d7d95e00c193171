import { basicAuthorization, formEncode } from "./basic";

/** What stands where a secret stood. */
const MARK = "***";
/** A shorter secret would be found in innocent text, and its absence would give it away. */
const SHORTEST = 8;
const LONGEST_TEXT = 400;

/** Scrubs the very strings that are secret in one call; made once a call. */
export interface Redactor {
  /** Takes every long secret out of a text of our own making. */
  ours(text: string): string;
  /** Makes a server's text fit for a message: no secret, no control characters, no great length; undefined if nothing is left. */
  theirs(text: string | undefined): string | undefined;
}

/** Makes the redactor for a call's credentials and, for a revoke, its token. */
export function redactor(clientId: string, clientSecret: string, token?: string): Redactor {
  const secrets = token === undefined ? [clientSecret] : [clientSecret, token];
  const long = secrets.filter((secret) => secret.length >= SHORTEST);
  const pairs =
    clientSecret.length < SHORTEST ? [] : [basicAuthorization(clientId, clientSecret).slice("Basic ".length)];
  // Longest first, so that no part of a secret is left where one form contains another.
  const forms = [...new Set([...long, `${clientId}:${clientSecret}`].flatMap(formsOf).concat(pairs.map(unpadded)))]
    .filter((form) => form.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const ours = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, MARK), text);
  return {
    ours,
    theirs(text) {
      if (text === undefined || long.length < secrets.length) return undefined;
      // Twice: taking characters out can put a secret together.
      const clean = ours(printable(ours(text))).trim();
      return clean === "" ? undefined : shortened(clean);
    },
  };
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

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}

/** Removes control, escape, line and bidirectional characters, with which a text could pass itself off as another. */
function printable(text: string): string {
  const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
  return text
    .replace(ansi, "")
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, "");
}

function shortened(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).toWellFormed().trimEnd()}…`;
}
