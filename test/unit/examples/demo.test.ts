import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "..", "..", "..");

describe("the demo", function () {
  this.timeout(120_000);

  it("runs the whole life of a token without an engine, says so in its first line, and ends by itself", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "node_modules/ts-node/dist/bin.js"), "-T", join(root, "examples/demo/main.ts")],
      // No engine on this PATH, and none in this home.
      { cwd: root, encoding: "utf8", env: { PATH: dirname(process.execPath), HOME: join(root, "test") } },
    );
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /^No Pulumi engine was found:/);
    assert.deepEqual(
      [...stdout.matchAll(/^== (.*)$/gm)].map(([, title]) => title),
      [
        "pulumi up: the token is issued",
        "pulumi preview: nothing has changed",
        "pulumi preview: the token is due",
        "pulumi up: a new token is issued, then the old one is revoked",
        "pulumi destroy, while Atlas answers 403: the token stays in the state",
        "pulumi destroy, while Atlas answers 503 once: it waits, and succeeds",
        "Local Atlas's own word",
      ],
    );
    assert.equal([...stdout.matchAll(/^ {2}token \S+: revoked$/gm)].length, 2);
    // Not a terminal: no colour.
    assert.ok(!stdout.includes("\u001b"));

    const shown = linesOf(stdout);
    for (const line of sampleLines()) assert.ok(shown.has(line), `the README shows what the demo does not: ${line}`);
  });
});

/** What the README shows as said by this package: the reason of a replacement, and a destroy that fails. */
function sampleLines(): Set<string> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [preview = "", destroy = ""] = [...readme.matchAll(/^```text\n(.*?)^```$/gms)].map(([, text]) => text ?? "");
  const reason = preview.split("\n").filter((line) => line.includes("it is replaced"));
  assert.equal(reason.length, 1);
  const lines = linesOf([...reason, destroy.trim()].join("\n"));
  assert.ok(lines.size > 8);
  return lines;
}

/** The lines of a text, without what differs from run to run. */
function linesOf(text: string): Set<string> {
  const steady = text
    .replaceAll(/\bci-[0-9a-f]{8}\b/g, "ci-…")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "…Z")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:…")
    .replaceAll(/\bin \d+(?:\.\d)? (s|min)\b/g, "in … $1");
  return new Set(steady.split("\n").map((line) => line.trim()));
}
