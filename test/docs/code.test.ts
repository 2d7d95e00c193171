import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

import { blocks, examples, root } from "./pages";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** What the examples in doc comments use without showing where it comes from. */
const GIVEN = `
import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { appendFileSync, readFileSync } from "node:fs";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { auditEventSchema, openAuditLog } from "pulumi-atlas-token/audit-log";
import { isAtlasOAuthError, issueToken, revokeToken, type RevokeTokenOptions } from "pulumi-atlas-token/oauth";
const config = new pulumi.Config();
declare const options: RevokeTokenOptions, accessToken: string, expiresAt: Date;
`;

/** What the pages use of the SDK that `pulumi package add` generates. */
const GENERATED = `declare module "pulumi-atlas-token-sdk" {
  export function getEphemeralTokenOutput(): import("@pulumi/pulumi").Output<{ accessToken: string }>;
}`;

describe("code in the docs", function () {
  this.timeout(120_000);

  it("compiles if it is TypeScript", () => {
    const samples = blocks.filter(({ language }) => language === "ts" || language === "typescript");
    assert.ok(samples.length >= 10);
    assert.ok(examples.length >= 10);
    // Next to the page, so that relative imports are those of the page; an export makes each block a module.
    const files = [...samples, ...examples.map((block) => ({ ...block, code: `${GIVEN}{\n${block.code}}` }))].map(
      ({ page, line, code }) =>
        [join(root, page.replace(/\.\w+$/, `-line-${line}.ts`)), `${code}\nexport {};\n`] as const,
    );
    // A block may await at its top level, and an example may export, as a module of the reader may.
    const errors = compile(new Map<string, string>([...files, [join(root, "docs", "sdk.d.ts"), GENERATED]])).filter(
      (error) => !/at the top level|Modifiers cannot/.test(error),
    );
    assert.deepEqual(errors, []);
  });

  it("begins the installation page as it begins the README, which a test of the package runs", () => {
    const [readme, installation] = ["README.md", "docs/installation-configuration.md"].map((path) =>
      blocks.filter(({ page, language }) => page === path && language === "sh").slice(0, 2),
    );
    assert.deepEqual(
      installation!.map(({ code }) => code),
      readme!.map(({ code }) => code),
    );
  });

  it("parses if it is JSON, Python or a shell script, which runs only npm scripts that exist", () => {
    for (const { page, line, language, code } of blocks) {
      const where = `${page}:${line}`;
      if (language === "json") assert.doesNotThrow(() => JSON.parse(code), where);
      if (language === "python") assert.equal(parse("python3", ["-m", "ast"], code), "", where);
      if (language !== "sh") continue;
      // A protected token cannot be renewed.
      assert.doesNotMatch(code, /pulumi import (?!--protect=false)/, where);
      assert.equal(parse("bash", ["-n"], code), "", where);
      const unknown = [...code.matchAll(/\bnpm run ([\w:]+)/g)].filter(([, name = ""]) => !(name in scripts));
      assert.deepEqual(unknown, [], where);
    }
  });
});

/** What a parser complains of; nothing if there is no such program on this machine. */
function parse(command: string, args: string[], code: string): string {
  const { error, stderr } = spawnSync(command, args, { input: code, encoding: "utf8" });
  return error === undefined ? stderr : "";
}

/** Type-checks texts as if they were files at those paths, and returns what the compiler complains of. */
function compile(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const read = (path: string): string | undefined => files.get(path) ?? ts.sys.readFile(path);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.getSourceFile = (path, version) => {
    const text = read(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}
