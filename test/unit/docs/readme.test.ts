import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..", "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of the README in one language, with the line that each begins on. */
function blocks(language: string): { readonly line: number; readonly code: string }[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map((match) => ({ line: readme.slice(0, match.index).split("\n").length + 1, code: match[2] ?? "" }));
}

/** Type-checks texts as if they were files at the root of the project. */
function typeErrors(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([...files.keys()], options, {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => files.get(path) ?? host.readFile(path),
    getSourceFile: (path, version) => {
      const text = files.get(path) ?? host.readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, version);
    },
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

describe("the README", () => {
  it("has only code that compiles", function () {
    this.timeout(60_000);
    const files = new Map(blocks("ts").map(({ line, code }) => [join(root, `README-line-${line}.ts`), code]));
    assert.ok(files.size >= 3);
    assert.deepEqual(typeErrors(files), []);
  });

  it("would not pass with code that does not compile", function () {
    this.timeout(60_000);
    const file = join(root, "README-broken.ts");
    const code = 'import { ServiceAccountToken } from "pulumi-atlas-token";\nnew ServiceAccountToken("a", { renewBefor: "1m" });';
    assert.match(typeErrors(new Map([[file, code]])).join("\n"), /renewBefor/);
  });

  for (const { line, code } of blocks("sh")) {
    for (const command of code.trim().split(/\n|&&/)) {
      it(`has a command that exists: ${command.trim()} (line ${line})`, () => {
        const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
          scripts: Record<string, string>;
        };
        const [program, action = "", name = ""] = command.trim().split(/\s+/);
        assert.equal(program, "npm");
        assert.ok(action === "ci" || (action === "run" ? name : action) in scripts);
      });
    }
  }

  it("names every failure code in its table", () => {
    const source = readFileSync(join(root, "provider/oauth/error.ts"), "utf8");
    const union = /export type AtlasOAuthFailure =(.*?);/s.exec(source)?.[1] ?? "";
    const codes = ["aborted", ...[...union.matchAll(/"(\w+)"/g)].map(([, code]) => code ?? "")];
    assert.equal(codes.length, 13);
    const table = readme.split("\n").filter((line) => line.startsWith("| `"));
    for (const code of codes) assert.ok(table.some((row) => row.split("|")[1]?.includes(`\`${code}\``)), code);
  });
});
