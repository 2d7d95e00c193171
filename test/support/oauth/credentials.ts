import fc from "fast-check";

/** What encodings, terminals and headers treat in a way of their own. */
const awkward = Array.from(
  "aZ09_-.~*'()!\"\\/%+ =&:;,?#@$^`|<>[]{}" +
    "\0\u0001\u0007\b\t\n\v\f\r\u001b\u007f\u0080\u009b\u00a0\u00ad" +
    "üñ€Ω\u0301\u200b\u200d\u2028\u2029\u202e\u2066\ufeff\ufffd😀\u{10ffff}",
);
const unit = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: "binary", minLength: 1, maxLength: 1 }));

/** Well-formed text of any characters, with a liking for awkward ones. */
export const anyText = fc.oneof(
  fc.string({ unit, minLength: 1, maxLength: 60 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
);

/** A secret long enough that it can be searched for in a text. */
export const longSecret = fc.oneof(
  fc.string({ unit, minLength: 8, maxLength: 60 }),
  fc.stringMatching(/^[A-Za-z0-9_-]{8,60}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{4,30}\.[A-Za-z0-9_-]{4,30}\.[A-Za-z0-9_-]{4,30}$/),
);

/** A client ID or client secret of any characters, without white space around it, which the client removes. */
export const anyCredential = anyText.map((text) => text.trim()).filter((text) => text !== "");

/** A token of any characters that RFC 6750 allows, long enough that it can be searched for in a text. */
export const anyToken = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{8,60}={0,2}$/);

/** A secret as Atlas writes them, without a character that an encoding would change. */
export const plainSecret = fc.stringMatching(/^[A-Za-z0-9_-]{8,60}$/);

/** Every form in which a secret may come back from a server. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    new URLSearchParams({ "": secret }).toString().slice(1),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64"),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ];
}

/** Every form in which a pair of credentials may come back: as it is sent, and without the encoding of its parts. */
export function pairFormsOf(clientId: string, clientSecret: string): readonly string[] {
  const encode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
  const sent = `${encode(clientId)}:${encode(clientSecret)}`;
  return [...formsOf(`${clientId}:${clientSecret}`), Buffer.from(sent).toString("base64")];
}
