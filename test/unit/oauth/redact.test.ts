import assert from "node:assert/strict";
import fc from "fast-check";

import { redactor } from "../../../provider/oauth/redact";
import { anyText, formsOf, longSecret, pairFormsOf, plainSecret } from "../../support/oauth/credentials";

const clientId = "fake-client-id";
const secret = "fake-client-secret";
const token = "fake.access.token";

/** Cuts, line breaks and blanks do not hide a secret from a reader. */
function squeezed(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]/gu, "");
}

function assertHolds(text: string | undefined, { none }: { none: readonly string[] }): void {
  const found = none.filter((form) => form.length >= 8 && (text ?? "").includes(form));
  assert.deepEqual(found, [], `left in ${JSON.stringify(text)}`);
}

const control = fc.constantFrom(
  ...Array.from("\0\u0001\u0007\b\t\n\v\f\r\u001b\u007f\u0085\u009b"),
  ...Array.from("\u00ad\u200b\u200d\u200e\u202e\u2028\u2029\u2066\ufeff"),
  "\u001b[31m",
  "\u001b[0m",
  "\r\n",
  " ",
);
const controls = fc.array(control, { minLength: 1, maxLength: 3 }).map((each) => each.join(""));

describe("redactor", () => {
  describe("takes out of any text", () => {
    for (const index of formsOf("").keys()) {
      const name = ["raw", "form-encoded", "percent-encoded", "JSON-escaped", "base64", "unpadded base64", "base64url"][
        index
      ]!;
      for (const method of ["redact", "sanitize"] as const) {
        it(`a secret of any characters, ${name} (${method})`, () => {
          fc.assert(
            fc.property(anyText, longSecret, longSecret, anyText, anyText, (id, secret, token, before, after) => {
              for (const each of [secret, token]) {
                const text = before + formsOf(each)[index]! + after;
                assertHolds(redactor(id, secret, token)[method](text), { none: formsOf(each) });
              }
            }),
          );
        });
      }
    }

    for (const method of ["redact", "sanitize"] as const) {
      it(`a Basic pair of any characters (${method})`, () => {
        fc.assert(
          fc.property(anyText, longSecret, anyText, anyText, fc.nat(), (id, secret, before, after, index) => {
            const forms = pairFormsOf(id, secret);
            const text = before + forms[index % forms.length]! + after;
            assertHolds(redactor(id, secret)[method](text), { none: forms });
          }),
        );
      });
    }

    it("a secret with control characters, line breaks and blanks in it", () => {
      fc.assert(
        fc.property(
          plainSecret,
          anyText,
          fc.array(controls, { minLength: 60 }),
          fc.nat(),
          (secret, before, gaps, form) => {
            const forms = [...formsOf(secret), ...pairFormsOf(clientId, secret)];
            const whole = forms[form % forms.length]!;
            const broken = Array.from(whole, (each, index) => each + (gaps[index] ?? "")).join("");
            const left = redactor(clientId, secret).sanitize(`${before}${broken}.`);
            assertHolds(left === undefined ? undefined : squeezed(left), { none: forms });
          },
        ),
      );
    });

    it("a secret that itself holds what is taken out of a server's text", () => {
      const parts = fc.array(plainSecret, { minLength: 2, maxLength: 3 });
      fc.assert(
        // An escape in the secret itself would take a letter after it along.
        fc.property(
          parts,
          controls.filter((gap) => !gap.includes("\u001b")),
          controls,
          (parts, gap, other) => {
            const secret = parts.join(gap);
            const left = redactor(clientId, secret).sanitize(`It was ${parts.join(other)} then`);
            assertHolds(left === undefined ? undefined : squeezed(left), { none: [secret, parts.join("")] });
          },
        ),
      );
    });

    it("a secret whose beginning an escape before it would take along", () => {
      assert.equal(redactor(clientId, "[31mfake-secret").sanitize("\u001b[31mfake-secret"), "***");
    });

    it("only the secret where control characters are in it, and all the text where blanks are", () => {
      const { length } = secret;
      const broken = (by: string): string => `It was ${secret.slice(0, length / 2)}${by}${secret.slice(length / 2)}.`;
      assert.equal(redactor(clientId, secret).sanitize(broken("\0\u200b")), "It was ***.");
      assert.equal(redactor(clientId, secret).sanitize(broken("\r\n")), undefined);
    });

    it("several secrets, each as often as it occurs", () => {
      const text = `${secret} and ${token} and ${secret}${token}`;
      assert.equal(redactor(clientId, secret, token).redact(text), "*** and *** and ******");
    });

    it("a secret that begins with another one", () => {
      assert.equal(redactor(clientId, "fake-secret", "fake-secret-token").redact("fake-secret-token"), "***");
    });

    it("a secret that the mark in the place of another one would complete", () => {
      const redact = redactor(clientId, "half***half", "inserted");
      for (const method of ["redact", "sanitize"] as const) {
        assertHolds(redact[method]("halfinsertedhalf"), { none: ["half***half"] });
      }
    });

    it("a secret of nothing but marks", () => {
      assertHolds(redactor(clientId, "*".repeat(8), "inserted").redact("*****inserted***"), { none: ["*".repeat(8)] });
    });

    it("the pair of a short secret", () => {
      const pair = Buffer.from(`${clientId}:short`).toString("base64");
      assertHolds(redactor(clientId, "short").redact(`Basic ${pair}`), { none: [pair] });
    });
  });

  describe("with a secret that is too short to be searched for", () => {
    const short = fc.string({ unit: "binary", maxLength: 3 });
    for (const { description, make } of [
      { description: "for a client secret", make: (each: string) => redactor(clientId, each) },
      {
        description: "for a client secret beside a long token",
        make: (each: string) => redactor(clientId, each, token),
      },
      { description: "for a token beside a long secret", make: (each: string) => redactor(clientId, secret, each) },
    ]) {
      it(`drops the server's text altogether (${description})`, () => {
        fc.assert(fc.property(short, anyText, (each, text) => assert.equal(make(each).sanitize(text), undefined)));
      });
    }

    it("leaves a text of our own as it is", () => {
      assert.equal(redactor(clientId, "a").redact("a message"), "a message");
    });

    const rows = [
      { length: 7, left: undefined },
      { length: 8, left: "some text" },
    ];
    for (const { length, left } of rows) {
      it(`${left === undefined ? "counts" : "does not count"} one of ${length} characters as such`, () => {
        assert.equal(redactor(clientId, "x".repeat(length)).sanitize("some text"), left);
      });
    }
  });

  describe("makes a server's text fit for a message:", () => {
    const rows = [
      { description: "leaves a plain one alone", text: "Invalid grant.", left: "Invalid grant." },
      { description: "leaves letters of any script", text: "Ungültig: 無効 😀", left: "Ungültig: 無効 😀" },
      { description: "takes out colours", text: "\u001b[1;31mred\u001b[0m", left: "red" },
      { description: "takes out what clears the screen", text: "a\u001b[2J\u001b[Hb", left: "ab" },
      {
        description: "takes out links",
        text: "\u001b]8;;https://evil.example\u0007link\u001b]8;;\u001b\\",
        left: "link",
      },
      { description: "takes out a title that never ends", text: "a\u001b]0;title", left: "a" },
      { description: "takes out the other escapes", text: "a\u001bMb\u001bEc", left: "abc" },
      { description: "takes out a lone escape", text: "a\u001b", left: "a" },
      {
        description: "takes out what an escape within an escape leaves",
        text: "\u001b\u001b[0m[31mred",
        left: "[31mred",
      },
      { description: "takes out bells and backspaces", text: "a\u0007b\bc", left: "abc" },
      { description: "takes out the later control characters", text: "a\u0085b\u009bc", left: "abc" },
      { description: "takes out what changes the direction", text: "a\u202eb\u2066c\u200fd", left: "abcd" },
      { description: "takes out what has no width", text: "a\u200bb\u200dc\ufeffd\u00ade", left: "abc de" },
      { description: "takes out lone surrogates", text: "a\ud800b\udc00c", left: "abc" },
      { description: "takes out private characters", text: "a\ue000b", left: "ab" },
      { description: "makes one blank of line breaks", text: "a\r\n\tb\u2028c\u2029d", left: "a b c d" },
      { description: "makes one blank of several", text: "a \u00a0\u3000 b", left: "a b" },
      { description: "makes one blank of several with something between them", text: "a \0 \u200b b", left: "a b" },
      { description: "takes out blanks around it", text: "  a  ", left: "a" },
      { description: "leaves nothing of nothing", text: "", left: undefined },
      { description: "leaves nothing of blanks and control characters", text: " \0\n\u202e ", left: undefined },
      { description: "leaves nothing of an absent one", text: undefined, left: undefined },
    ];
    for (const { description, text, left } of rows) {
      it(description, () => assert.equal(redactor(clientId, secret).sanitize(text), left));
    }

    it("nothing unprintable is left of any text", () => {
      fc.assert(
        fc.property(
          fc.oneof(
            anyText,
            fc.array(fc.oneof(anyText, controls)).map((each) => each.join("")),
          ),
          (text) => {
            const left = redactor(clientId, secret).sanitize(text) ?? "-";
            assert.doesNotMatch(left, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]|\s\s|^\s|\s$/u);
            assert.notEqual(left, "");
          },
        ),
      );
    });

    it("cuts it to 400 characters", () => {
      assert.equal(redactor(clientId, secret).sanitize("x".repeat(400)), "x".repeat(400));
      assert.equal(redactor(clientId, secret).sanitize("x".repeat(401)), `${"x".repeat(400)}…`);
    });

    it("cuts no character in two", () => {
      const left = redactor(clientId, secret).sanitize(`x${"😀".repeat(300)}`) ?? "";
      assert.match(left, /^x😀+…$/u);
    });

    it("cuts after it has redacted, so that no part of a secret is left at the end", () => {
      for (let before = 400 - secret.length; before <= 400; before++) {
        const left = redactor(clientId, secret).sanitize(`${"x".repeat(before)}${secret}`) ?? "";
        assert.match(left, /^x+(?:\*{0,3}…|\*{3})$/);
      }
    });
  });

  it("leaves nothing of a text that has a secret in another case, as the host of a URL would", () => {
    for (const each of [secret.toUpperCase(), Buffer.from(secret).toString("base64").toLowerCase()])
      assert.equal(redactor(clientId, secret).sanitize(`it redirects to ${each}.example`), undefined);
  });

  it("leaves nothing of a text that was made to take it for ever", () => {
    const nested = "<***>>>>";
    const text = "<".repeat(12_500) + nested + ">>>>".repeat(12_500);
    for (const method of ["redact", "sanitize"] as const)
      assert.equal(redactor(clientId, secret, nested)[method](text), "***");
  });

  it("replaces a secret of characters that mean something in a pattern or a replacement", () => {
    for (const each of ["$&$1$`$'", "(.*)+[a]", "\\d{3}|^$"])
      assert.equal(redactor(clientId, each).redact(`a${each}b`), "a***b");
  });
});
