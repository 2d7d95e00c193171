import assert from "node:assert/strict";
import fc from "fast-check";
import { mock } from "node:test";

import { redactor } from "../../../../provider/oauth/failure/redact";
import { anyText, formsOf, longSecret, pairFormsOf, plainSecret } from "../../../support/oauth/credentials";

const clientId = "mdb_sa_id_0123456789";
const secret = "fake-client-secret";
const token = "fake.access.token";
const methods = ["redact", "sanitize"] as const;

/** Removes what does not hide a secret from a reader. */
function squeezed(text: string | undefined): string {
  return (text ?? "").replace(/[\s\p{Cc}\p{Cf}]/gu, "");
}

function assertWithout(text: string | undefined, forms: readonly string[]): void {
  const found = forms.filter((form) => form.length >= 8 && (text ?? "").includes(form));
  assert.deepEqual(found, [], `left in ${JSON.stringify(text)}`);
}

function sanitize(text: string | undefined): string | undefined {
  return redactor(clientId, secret, token).sanitize(text);
}

const control = fc.constantFrom(
  ...Array.from("\0\u0007\b\t\n\v\f\r\u001b\u007f\u0085\u009b\u00ad\u200b\u200e\u202e\u2028\u2066\ufeff"),
  ...["\u001b[31m", "\u001b[0m", "\r\n", " "],
);
const controls = fc.array(control, { minLength: 1, maxLength: 3 }).map((each) => each.join(""));

describe("redactor", () => {
  for (const method of methods) {
    it(`takes secrets of any characters, in every form, out of any text (${method})`, () => {
      fc.assert(
        fc.property(anyText, longSecret, longSecret, anyText, anyText, (id, secret, token, before, after) => {
          const forms = [...formsOf(secret), ...formsOf(token), ...pairFormsOf(id, secret)];
          for (const form of forms) assertWithout(redactor(id, secret, token)[method](before + form + after), forms);
        }),
      );
    });

    it(`does not let a mark complete another secret, nor a text take it for ever (${method})`, () => {
      assertWithout(redactor(clientId, "half***half", "inserted")[method]("halfinsertedhalf"), ["half***half"]);
      assertWithout(redactor(clientId, "*".repeat(8), "inserted")[method]("*****inserted***"), ["*".repeat(8)]);
      const nested = "<***>>>>";
      const text = "<".repeat(12_500) + nested + ">>>>".repeat(12_500);
      // A text of 100,000 characters would fill the screen.
      assert.equal(redactor(clientId, secret, nested)[method](text)?.length, "***".length);
    });
  }

  for (const [description, make, text, expected] of [
    ["several secrets", [secret, token], `${secret} and ${token} and ${secret}${token}`, "*** and *** and ******"],
    ["a secret that begins with another", ["fake-secret", "fake-secret-token"], "fake-secret-token", "***"],
    ["a secret of characters that mean something in a replacement", ["$&$1$`$'", undefined], "a$&$1$`$'b", "a***b"],
    ["nothing of a secret that is too short to be searched for", ["a", undefined], "a message", "a message"],
  ] as const) {
    it(`replaces ${description}`, () => assert.equal(redactor(clientId, make[0], make[1]).redact(text), expected));
  }

  it("replaces the pair of a short secret", () => {
    const pair = Buffer.from(`${clientId}:short`).toString("base64");
    assertWithout(redactor(clientId, "short").redact(`Basic ${pair}`), [pair]);
  });
});

describe("sanitize", () => {
  it("takes out a secret with control characters, line breaks and blanks in it", () => {
    const between = fc.array(controls, { minLength: 60 });
    fc.assert(
      fc.property(plainSecret, anyText, between, fc.nat(), (secret, before, gaps, index) => {
        const forms = [...formsOf(secret), ...pairFormsOf(clientId, secret)];
        const form = forms[index % forms.length]!;
        const broken = Array.from(form, (each, position) => each + (gaps[position] ?? "")).join("");
        assertWithout(squeezed(redactor(clientId, secret).sanitize(`${before}${broken}.`)), forms);
      }),
    );
  });

  it("takes out a secret that itself holds what is taken out", () => {
    const parts = fc.array(plainSecret, { minLength: 2, maxLength: 3 });
    // An escape in the secret itself would take a letter after it along.
    const gaps = controls.filter((gap) => !gap.includes("\u001b"));
    fc.assert(
      fc.property(parts, gaps, controls, (parts, gap, other) => {
        const secret = parts.join(gap);
        const left = redactor(clientId, secret).sanitize(`It was ${parts.join(other)} then`);
        assertWithout(squeezed(left), [secret, parts.join("")]);
      }),
    );
    assert.equal(redactor(clientId, "[31mfake-secret").sanitize("\u001b[31mfake-secret"), "***");
  });

  it("drops a text with any twelve characters of a secret or token, whatever their case and spacing", () => {
    const long = fc.stringMatching(/^[A-Za-z0-9_-]{12,60}$/);
    const form = fc.constantFrom(...formsOf("").keys());
    const write = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => text.split("").join("\r\n"),
      (text) => text.split("").join(", "),
      (text) => Array.from(text).reverse().join(""),
      (text) => Buffer.from(`It was ${text}.`).toString("base64"),
      (text) => Buffer.from(text).toString("hex"),
      (text) => text.replaceAll(/./g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`),
    );
    fc.assert(
      fc.property(long, long, form, fc.nat(), write, (secret, token, form, start, write) => {
        for (const each of [secret, token]) {
          const whole = formsOf(each)[form]!.replace(/=+$/, "");
          const from = start % (whole.length - 11);
          const text = `Rejected: ${write(whole.slice(from, from + 12))}`;
          const left = redactor(clientId, secret, token).sanitize(text);
          assert.ok(left === undefined || left === "Rejected: ***", left);
        }
      }),
    );
  });

  it("keeps a text with eleven characters of a secret, or with the client ID", () => {
    for (const text of [secret.slice(0, 11), secret.slice(-11), clientId]) assert.equal(sanitize(text), text);
  });

  it("drops every text if a secret is too short to be searched for", () => {
    const short = fc.string({ unit: "binary", maxLength: 3 });
    fc.assert(
      fc.property(short, anyText, (short, text) => {
        const redactors = [
          redactor(clientId, short),
          redactor(clientId, short, token),
          redactor(clientId, secret, short),
        ];
        for (const each of redactors) assert.equal(each.sanitize(text), undefined);
      }),
    );
    assert.equal(redactor(clientId, "x".repeat(7)).sanitize("some text"), undefined);
    assert.equal(redactor(clientId, "x".repeat(8)).sanitize("some text"), "some text");
  });

  for (const [description, text, expected] of [
    ["keeps letters of any script", "Ungültig: 無効 😀", "Ungültig: 無効 😀"],
    ["removes colors", "\u001b[1;31mred\u001b[0m", "red"],
    ["removes what clears the screen", "a\u001b[2J\u001b[Hb", "ab"],
    ["removes links", "\u001b]8;;https://evil.example\u0007link\u001b]8;;\u001b\\", "link"],
    ["removes a title that never ends", "a\u001b]0;title", "a"],
    [
      "keeps a version",
      `gitHash=${"0".repeat(40)}; versionString=v2026.11.1`,
      `gitHash=${"0".repeat(40)}; versionString=v2026.11.1`,
    ],
    ["removes the other escapes", "a\u001bMb\u001bEc\u001b", "abc"],
    ["removes what an escape within an escape leaves", "\u001b\u001b[0m[31mred", "[31mred"],
    ["removes control characters", "a\u0007b\bc\u0085d\u009be", "abcde"],
    ["removes what changes the direction", "a\u202eb\u2066c\u200fd", "abcd"],
    ["removes what has no width, surrogates and private characters", "a\u200bb\u00adc\ud800d\ue000e", "abcde"],
    ["makes one blank of line breaks and blanks", "  a\r\n\tb\u2028c \0 \u00a0d ", "a b c d"],
    ["leaves nothing of control characters", " \0\n\u202e ", undefined],
    ["leaves nothing of an absent text", undefined, undefined],
  ] as const) {
    it(description, () => assert.equal(sanitize(text), expected));
  }

  const unknown = `eyJhbGciOiJub25lIn0.${"x".repeat(20)}.sig-nature`;
  const pair = Buffer.from("mdb_sa_id_0:mdb_sa_sk_another-one").toString("base64");
  for (const [text, expected] of [
    [`${unknown} exists`, "*** exists"],
    [`It is ${unknown.slice(0, 30)}`, "It is ***"],
    [`"${"a".repeat(16)}.${"b".repeat(16)}.${"c".repeat(16)}"`, '"***"'],
    ["not mdb_sa_sk_another-one!", "not ***!"],
    [`Basic ${pair}`, "Basic ***"],
    [Buffer.from(unknown).toString("base64"), "***"],
    [unknown.split("").join(" "), undefined],
    [unknown.replaceAll(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`), undefined],
    [unknown.replaceAll(/./g, (each) => `&#${each.charCodeAt(0)};`), undefined],
    [Buffer.from(`It is ${unknown}`).toString("hex"), undefined],
    [Buffer.from(`It was ${unknown}`).toString("base64"), undefined],
    ...[
      "A secret starts with mdb_sa_sk_.",
      "This API key is not allowed to use it. Contact support.",
      "The request was rejected. Please check your credentials. Contact support for help.",
      "See survey-service.example.com for &#1; and &#999999;",
    ].map((harmless) => [harmless, harmless] as const),
  ] as const) {
    it(`drops what looks like a secret although it knows none: ${text}`, () => {
      assert.equal(sanitize(text), expected);
    });
  }

  it("looks for shapes only where they could be shown, so that no text of a server takes long", () => {
    const search = mock.method(String.prototype, "replace");
    sanitize("a".repeat(64 * 1024));
    const searched = search.mock.calls.filter(
      ({ arguments: [pattern] }: { arguments: unknown[] }) =>
        pattern instanceof RegExp && pattern.source.includes("mdb_sa_sk_"),
    );
    search.mock.restore();
    assert.ok(searched.length > 0);
    for (const { this: text } of searched) assert.ok(String(text).length <= 4_000);
  });

  it("takes out the other secrets of the operation, in every form", () => {
    const others = ["fake-earlier-secret", "fake-rotated-secret"];
    for (const other of others) {
      for (const form of [...formsOf(other), ...pairFormsOf(clientId, other)]) {
        assertWithout(redactor(clientId, secret, token, others).sanitize(`No ${form}.`), [form]);
      }
    }
  });

  it("leaves nothing unprintable of any text", () => {
    const mixed = fc.array(fc.oneof(anyText, controls)).map((each) => each.join(""));
    fc.assert(
      fc.property(mixed, (text) => {
        const left = sanitize(text) ?? "-";
        assert.doesNotMatch(left, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]|\s\s|^\s|\s$/u);
        assert.notEqual(left, "");
      }),
    );
  });

  it("cuts a text to 400 characters, cuts none in two, and leaves no part of a secret at the end", () => {
    assert.equal(sanitize("x".repeat(400)), "x".repeat(400));
    assert.equal(sanitize("x".repeat(401)), `${"x".repeat(400)}…`);
    assert.match(sanitize(`x${"😀".repeat(300)}`) ?? "", /^x😀+…$/u);
    for (let before = 400 - secret.length; before <= 400; before++) {
      assert.match(sanitize(`${"x".repeat(before)}${secret}`) ?? "", /^x+(?:\*{0,3}…|\*{3})$/);
    }
  });
});
