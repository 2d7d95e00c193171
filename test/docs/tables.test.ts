import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { z } from "zod";

import { auditEventSchema } from "../../provider/runtime/audit-log";
import { blocks, namesInTable, page, root } from "./pages";

const installation = page("docs/installation-configuration.md");
const client = page("docs/client-without-pulumi.md");
const errors = page("docs/errors.md");
const audit = page("docs/secrets-state-audit.md");
const troubleshooting = page("docs/troubleshooting.md");
const contents = (path: string): string =>
  execFileSync("git", ["grep", "-h", "", "--", path], { cwd: root, encoding: "utf8" });
const source = contents("provider/*.ts");

const entryPoints = ["provider/index.ts", "provider/oauth/index.ts"].map((file) => join(root, file));
const program = ts.createProgram(entryPoints, {
  strict: true,
  skipLibCheck: true,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  types: ["node"],
});
const checker = program.getTypeChecker();

const symbols = entryPoints.flatMap((file) =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!),
);

/** A type that users import. */
function typeOf(name: string): ts.Type {
  const symbol = symbols.find((candidate) => candidate.name === name)!;
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return checker.getDeclaredTypeOfSymbol(isAlias ? checker.getAliasedSymbol(symbol) : symbol);
}

/** The properties of a type that this package declares, without methods. */
function properties(name: string): string[] {
  return typeOf(name)
    .getProperties()
    .filter(({ flags }) => !(flags & ts.SymbolFlags.Method))
    .filter(({ declarations }) => declarations?.[0]?.getSourceFile().fileName.includes("node_modules") === false)
    .map((property) => property.name);
}

const codes = (typeOf("AtlasOAuthFailure") as ts.UnionType).types.flatMap((variant) => {
  const code = checker.getTypeOfSymbol(variant.getProperty("code")!);
  return (code.isUnion() ? code.types : [code]).map((literal) => (literal as ts.StringLiteralType).value);
});
const variables = [
  ...(source.match(/\b(?:MONGODB_ATLAS|PULUMI_ATLAS_TOKEN)_[A-Z_]+\b/g) ?? []),
  ...["HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA"],
];
const options = [...properties("IssueTokenOptions"), ...properties("RevokeTokenOptions")];
const schema = JSON.parse(contents("provider/plugin/schema.json")) as { config: { variables: object } };
const keys = Object.keys(schema.config.variables);
const fields = Object.keys((auditEventSchema as unknown as z.ZodObject).shape);

describe("tables in the docs", () => {
  for (const [what, documented, expected] of [
    ["arguments", namesInTable(installation, "Arguments"), properties("ServiceAccountTokenArgs")],
    ["outputs", namesInTable(installation, "Outputs"), properties("ServiceAccountToken")],
    ["configuration keys", namesInTable(installation, "Configuration keys"), keys.map((key) => `mongodbatlas:${key}`)],
    ["environment variables", namesInTable(installation, "Environment variables"), variables],
    ["options of the client", namesInTable(client, "Options"), options],
    ["error codes", namesInTable(errors, "What does this error mean?"), codes],
    ["sections on error codes", [...errors.text.matchAll(/^## `(\w+)`$/gm)].map(([, code]) => code ?? ""), codes],
    ["fields of the audit log", namesInTable(audit, "The audit log"), fields],
  ] as const) {
    it(`name all ${what}, and no others`, () => {
      assert.deepEqual([...new Set(documented)].sort(), [...new Set(expected)].sort());
    });
  }

  it("say the same of retries as the samples: one attempt for each client secret if there is no retry", () => {
    const rows = errors.text.matchAll(/^\| \[`(\w+)`\]\S+ +\|[^|]*\| (.*?) +\| (.*?) +\|/gm);
    const retried = new Map([...rows].map(([, code = "", issue = "", revoke = ""]) => [code, { issue, revoke }]));
    const samples = readdirSync(join(root, "test/golden"), { recursive: true, encoding: "utf8" })
      .filter((file) => /^(?:client|resource)\/(?:issue|create|revoke|delete)-/.test(file))
      .map((file) => [file, readFileSync(join(root, "test/golden", file), "utf8")] as const);
    let compared = 0;
    for (const [file, sample] of samples) {
      const attempts = Number(/Attempts: (\d+) in/.exec(sample)?.[1] ?? /(\d+) attempts? in/.exec(sample)?.[1]);
      const code = codes.find((code) => sample.includes(`: ${code}`));
      if (Number.isNaN(attempts) || code === undefined) continue;
      const cell = retried.get(code)?.[sample.includes("/oauth/token") ? "issue" : "revoke"];
      const once = code === "invalid_argument" ? 0 : sample.split(", then from ").length;
      // A variant of a failure that is retried need not be.
      if (cell !== "yes") assert.equal(attempts, once, `${file}: ${attempts} attempts, retried: ${cell}`);
      else if (file.endsWith(`-${code}.txt`)) assert.ok(attempts > once, `${file}: ${attempts} attempts, retried: yes`);
      compared++;
    }
    assert.ok(compared >= 4 * (codes.length - 1));
  });

  it("show a line of the audit log that its schema accepts", () => {
    const line = blocks.find(({ page: path, language }) => path === audit.path && language === "json")?.code ?? "";
    auditEventSchema.parse(JSON.parse(line));
  });

  it("quote messages that the code has", () => {
    const messages = source + contents("test/golden");
    const headings = [...troubleshooting.text.matchAll(/^## (.*)\n\n\|/gm)].map(([, heading = ""]) => heading);
    const foreign = headings.indexOf("Pulumi's own messages");
    assert.notEqual(foreign, -1);
    for (const quoted of headings.toSpliced(foreign, 1).flatMap((heading) => namesInTable(troubleshooting, heading))) {
      for (const part of quoted.split("…")) assert.ok(messages.includes(part), quoted);
    }
  });
});
