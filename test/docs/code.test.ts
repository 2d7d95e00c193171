import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { blocks, compile, root } from "./pages";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

describe("code in the docs", function () {
  this.timeout(120_000);

  it("compiles if it is TypeScript", () => {
    const files = new Map(
      blocks
        .filter(({ language }) => language === "ts" || language === "typescript")
        // Next to the page, so that relative imports are those of the page; an export makes each block a module.
        .map(({ page, line, code }) => [
          join(root, page.replace(/\.md$/, `-line-${line}.ts`)),
          `${code}\nexport {};\n`,
        ]),
    );
    assert.ok(files.size >= 10);
    // A block may await at its top level, as a module of the reader may.
    assert.deepEqual(
      compile(files).errors.filter((error) => !error.includes("at the top level")),
      [],
    );
  });

  it("is refused if it is TypeScript with a mistake", () => {
    const code =
      'import { ServiceAccountToken } from "pulumi-atlas-token";\nnew ServiceAccountToken("a", { renewBefor: "1m" });';
    assert.match(compile(new Map([[join(root, "broken.ts"), code]])).errors.join("\n"), /renewBefor/);
  });

  it("parses if it is JSON, Python or a shell script", () => {
    for (const { page, line, language, code } of blocks) {
      const where = `${page}:${line}`;
      if (language === "json") assert.doesNotThrow(() => JSON.parse(code), where);
      if (language === "sh") assert.equal(parse("bash", ["-n"], code), "", where);
      if (language === "python")
        assert.equal(parse("python3", ["-c", "import ast,sys; ast.parse(sys.stdin.read())"], code), "", where);
    }
  });

  it("names only npm scripts that exist", () => {
    for (const { page, line, code, language } of blocks) {
      if (language !== "sh") continue;
      for (const [, name = ""] of code.matchAll(/\bnpm run ([\w:]+)/g))
        assert.ok(name in scripts, `${page}:${line}: ${name}`);
    }
  });
});

/** What a parser complains of; nothing if there is no such program on this machine. */
function parse(command: string, args: string[], code: string): string {
  const { error, stderr } = spawnSync(command, args, { input: code, encoding: "utf8" });
  return error === undefined ? stderr : "";
}
