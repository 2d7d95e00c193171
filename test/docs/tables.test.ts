import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import ts from "typescript";

import { namesInTable, page, root } from "./pages";

const installation = page("docs/installation-configuration.md");
const contents = (path: string): string =>
  execFileSync("git", ["grep", "-h", "", "--", path], { cwd: root, encoding: "utf8" });
const source = contents("provider/*.ts");

describe("tables in the docs", function () {
  this.timeout(120_000);
  let properties: (file: string, type: string) => string[];
  let codes: string[];

  before(() => {
    const files = ["provider/index.ts", "provider/oauth/index.ts", "provider/oauth/events.ts"].map((file) =>
      join(root, file),
    );
    const program = ts.createProgram(files, {
      strict: true,
      skipLibCheck: true,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      types: ["node"],
    });
    const checker = program.getTypeChecker();
    const typeOf = (file: string, name: string): ts.Type => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!;
      const symbol = checker.getExportsOfModule(module).find((candidate) => candidate.name === name);
      assert.ok(symbol, `${file} exports no ${name}`);
      return checker.getDeclaredTypeOfSymbol(
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      );
    };
    properties = (file, name) =>
      typeOf(file, name)
        .getProperties()
        .filter(({ flags }) => !(flags & ts.SymbolFlags.Method))
        .map((property) => property.name);
    const failure = typeOf("provider/oauth/index.ts", "AtlasOAuthFailure");
    codes = (failure as ts.UnionType).types.flatMap((variant) => {
      const code = checker.getTypeOfSymbol(variant.getProperty("code")!);
      return (code.isUnion() ? code.types : [code]).map((literal) => (literal as ts.StringLiteralType).value);
    });
  });

  it("name every argument", () => {
    sameNames(namesInTable(installation, "Arguments"), properties("provider/index.ts", "ServiceAccountTokenArgs"));
  });

  it("name every output", () => {
    const own = properties("provider/index.ts", "ServiceAccountToken").filter(
      (name) => !["id", "urn"].includes(name) && !name.startsWith("__"),
    );
    sameNames(namesInTable(installation, "Outputs"), own);
  });

  it("name every error code, each with a section", () => {
    const errors = page("docs/errors.md");
    sameNames(namesInTable(errors, "What does this error mean?"), codes);
    for (const code of codes) assert.ok(errors.text.includes(`\n## \`${code}\`\n`), code);
  });

  it("name every option of the client", () => {
    const options = [
      ...properties("provider/oauth/index.ts", "IssueTokenOptions"),
      ...properties("provider/oauth/index.ts", "RevokeTokenOptions"),
    ];
    const documented = namesInTable(page("docs/client-without-pulumi.md"), "Options").filter((name) =>
      /^[a-z]+[A-Za-z]*$/.test(name),
    );
    // `pretty` and `envelope` are Atlas's own; the table leaves them to the API reference.
    sameNames(
      documented.filter((name) => name !== "issueToken" && name !== "revokeToken"),
      options.filter((name) => !["pretty", "envelope"].includes(name)),
    );
  });

  it("name every field of the audit log", () => {
    sameNames(
      namesInTable(page("docs/secrets-state-audit.md"), "The audit log"),
      properties("provider/oauth/events.ts", "TokenEvent"),
    );
  });

  it("name every environment variable that the code reads", () => {
    const read = source.match(/\b(?:MONGODB_ATLAS|PULUMI_ATLAS_TOKEN)_[A-Z_]+\b/g) ?? [];
    const others = ["HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"];
    sameNames(namesInTable(installation, "Environment variables"), [...read, ...others]);
  });

  it("name every configuration key that the code reads", () => {
    const keys = namesInTable(installation, "Configuration keys").map((key) => key.replace("mongodbatlas:", ""));
    const variables = installation.text.match(/atlas-token:\w+/g)?.map((key) => key.replace("atlas-token:", "")) ?? [];
    sameNames(keys, variables);
    for (const key of keys) assert.ok(source.includes(key), key);
  });

  it("quote messages that the code has", () => {
    const troubleshooting = page("docs/troubleshooting.md");
    const headings = [
      "Before anything is sent",
      "In a preview",
      "In a destroy",
      "In an import",
      "Of this package when it is not installed",
    ];
    const messages = source + contents("test/golden");
    for (const quoted of headings.flatMap((heading) => namesInTable(troubleshooting, heading))) {
      assert.ok(messages.includes(quoted), quoted);
    }
  });
});

function sameNames(actual: readonly string[], expected: readonly string[]): void {
  assert.deepEqual([...new Set(actual)].sort(), [...new Set(expected)].sort());
}
