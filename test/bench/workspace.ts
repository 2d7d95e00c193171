import { buildSync } from "esbuild";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as ts from "typescript";

import { argumentsFor, type Contender } from "./rivals/program";

export const repository = join(__dirname, "..", "..");

/** The service accounts: one has at most a hundred tokens. */
export const CLIENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [argumentsFor(index, "").clientId, argumentsFor(index, "").clientSecret]),
);

/** A temporary folder with what a user would have: a program, the packages and the plugins. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), "pulumi-atlas-token-bench-"));
  readonly folder = join(this.root, "program");
  readonly plugins = { "atlas-token": join(repository, "dist", "plugin"), idle: join(this.root, "idle") };

  /** `engine` is the command of a Pulumi CLI, and `baseUrl` that of Local Atlas. */
  constructor(
    readonly engine: string,
    readonly baseUrl: string,
  ) {
    const modules = join(this.folder, "node_modules");
    for (const path of [join(modules, "@pulumi"), this.plugins.idle, join(this.root, "backend")])
      mkdirSync(path, { recursive: true });
    symlinkSync(repository, join(modules, "pulumi-atlas-token"), "junction");
    for (const name of ["undici", "zod", "@pulumi/pulumi"])
      symlinkSync(join(repository, "node_modules", name), join(modules, name), "junction");

    // Compiled as `tsc` does it, because Pulumi serializes what the compiler has made of a provider.
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    const sources = join(__dirname, "rivals");
    for (const file of readdirSync(sources)) {
      const { outputText } = ts.transpileModule(readFileSync(join(sources, file), "utf8"), { compilerOptions });
      writeFileSync(join(this.folder, file.replace(/ts$/, "js")), outputText);
    }
    buildSync({
      entryPoints: [join(sources, "idle-plugin.ts")],
      outfile: join(this.plugins.idle, "index.js"),
      ...{ bundle: true, platform: "node", minifySyntax: true, minifyWhitespace: true },
    });
    const shim = `#!/bin/sh\nexec node "$(dirname "$0")/index.js" "$@"\n`;
    writeFileSync(join(this.plugins.idle, "pulumi-resource-idle"), shim, { mode: 0o755 });

    writeFileSync(join(this.folder, "package.json"), '{ "private": true }');
    const runtime = { name: "nodejs", options: { typescript: false } };
    const providers = Object.entries(this.plugins).map(([name, path]) => ({ name, path }));
    const project = { name: "bench", runtime, main: "program.js", plugins: { providers } };
    writeFileSync(join(this.folder, "Pulumi.yaml"), JSON.stringify(project));
  }

  /** The script of a packaged provider. */
  scriptOf(contender: Contender): string {
    return contender === "packaged"
      ? join(this.plugins["atlas-token"], "start.js")
      : join(this.plugins.idle, "index.js");
  }

  /**
   * Runs a command of the CLI, as a person does, in the stack of a contender with a program that declares `count` tokens.
   *
   * With a thousand of them the state is saved only at the end: a backend of files would otherwise write all of it anew
   * after every step, and that would be what is measured.
   */
  async pulumi(
    contender: Contender,
    args: readonly string[],
    count = 0,
  ): Promise<{ readonly stdout: string; readonly seconds: number }> {
    const { PATH = "", HOME = "" } = process.env;
    const env = {
      ...{ PATH: `${dirname(this.engine)}:${PATH}`, HOME, PULUMI_HOME: join(this.root, "home") },
      PULUMI_BACKEND_URL: `file://${join(this.root, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(count < 1000 ? {} : { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" }),
      ...{ CONTENDER: contender, RIVAL: contender, COUNT: String(count), BASE_URL: this.baseUrl },
    };
    const flags = ["--stack", contender, "--non-interactive", "--color", "never"];
    const start = performance.now();
    const child = spawn(this.engine, [...args, ...flags], { cwd: this.folder, env });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    const seconds = (performance.now() - start) / 1000;
    if (code !== 0) throw new Error(`pulumi ${args[0]} of ${contender} failed:\n${stdout}${stderr}`);
    return { stdout, seconds };
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
