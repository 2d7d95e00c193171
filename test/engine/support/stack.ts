import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { cleanEnv } from "../../support/clean-env";
import { pluginArchive } from "../../support/plugin-archive";
import { until, within } from "../../support/within";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import type { Form } from "./fixture";

export const repository = join(__dirname, "..", "..", "..");

/** What one command of the Pulumi CLI did. A command that fails is a `Run` too. */
export interface Run {
  readonly succeeded: boolean;
  /** Each step that was finished, as `create ci`, without the stack itself and Pulumi's own provider resources. */
  readonly did: readonly string[];
  /** Each step that failed, in the same words. */
  readonly failed: readonly string[];
  /** What the provider printed about a token, other than the error of a step. */
  readonly notes: readonly string[];
  readonly stdout: string;
  /** Both streams, as they appear in a terminal. */
  readonly output: string;
}

/** A resource in the state, with its secrets in plain text. */
export interface StateResource {
  readonly name: string;
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly outputs: Record<string, unknown>;
  /** The names of the outputs that the state encrypts. */
  readonly secretOutputs: readonly string[];
  /** Replaced, but not deleted yet. */
  readonly delete?: boolean;
  readonly pendingReplacement?: boolean;
  readonly initErrors?: readonly string[];
}

interface StoredResource extends Omit<StateResource, "name" | "outputs" | "secretOutputs"> {
  readonly outputs?: Record<string, unknown>;
}

export interface Deployment {
  readonly deployment: { readonly resources?: readonly StoredResource[] };
}

/** A program as its user writes it. It becomes a file, so it sees only what it is given. */
export type Program = (given: typeof import("./scenario.cjs"), values: never) => unknown;

/** Installs this package and Pulumi's SDK in the folder of a program. */
export function linkPackages(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(repository, join(modules, "pulumi-atlas-token"), "junction");
  symlinkSync(join(repository, "node_modules/@pulumi"), join(modules, "@pulumi"), "junction");
}

/** Makes a folder a project whose program is declared in a test. */
export function prepareScenario(form: Form): (folder: string) => void {
  return (folder) => {
    linkPackages(folder);
    cpSync(join(__dirname, "scenario.cjs"), join(folder, "scenario.cjs"));
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const runtime = "{ name: nodejs, options: { typescript: false } }";
    writeFileSync(join(folder, "Pulumi.yaml"), `name: scenario\nruntime: ${runtime}\nmain: index.js\n${form.project}`);
  };
}

/** A stack that the real engine runs, with a backend, a home and a program of its own in a temporary folder. */
export class Stack {
  readonly env: Record<string, string> = {};
  /** What each operation printed. */
  readonly transcripts: string[] = [];
  #child: ChildProcess | undefined;
  #output = "";
  #running = "";

  private constructor(
    private readonly command: string,
    private readonly root: string,
    readonly folder: string,
  ) {}

  /** Opens an empty stack, once `prepare` has put a program into its folder. */
  static async open(command: string, prepare: (folder: string) => void | Promise<void>): Promise<Stack> {
    const root = await makeTempDir();
    const stack = new Stack(command, root, join(root, "program"));
    for (const folder of ["program", "backend", "home"]) mkdirSync(join(root, folder));
    await prepare(stack.folder);
    const { succeeded, output } = await stack.pulumi("stack", "init", "test");
    if (!succeeded) throw new Error(output);
    return stack;
  }

  /** Makes a function the program of the stack. */
  declare(program: Program, values: unknown = {}): this {
    const source = `module.exports = (${program.toString()})(require("./scenario.cjs"), ${JSON.stringify(values)});\n`;
    writeFileSync(join(this.folder, "index.js"), source);
    return this;
  }

  up(...flags: readonly string[]): Promise<Run> {
    return this.operate("up", "--yes", "--skip-preview", ...flags);
  }

  preview(...flags: readonly string[]): Promise<Run> {
    return this.operate("preview", ...flags);
  }

  refresh(...flags: readonly string[]): Promise<Run> {
    return this.operate("refresh", "--yes", "--skip-preview", ...flags);
  }

  destroy(...flags: readonly string[]): Promise<Run> {
    return this.operate("destroy", "--yes", "--skip-preview", ...flags);
  }

  async configure(values: Readonly<Record<string, string>>): Promise<void> {
    const flags = Object.entries(values).flatMap(([key, value]) => [
      key.endsWith("Secret") ? "--secret" : "--plaintext",
      `${key}=${value}`,
    ]);
    await this.pulumi("config", "set-all", ...flags, "--stack", "test");
  }

  /** Runs an operation on the stack, and reads from the engine's events what it did. */
  async operate(...args: readonly string[]): Promise<Run> {
    const log = join(this.root, "events.log");
    rmSync(log, { force: true });
    const run = await this.pulumi(...args, "--stack", "test", "--event-log", log);
    this.transcripts.push(run.output);
    return { ...run, did: stepsIn(log, "resOutputsEvent"), failed: stepsIn(log, "resOpFailedEvent") };
  }

  /** Runs a command of the CLI to its end. */
  async pulumi(...args: readonly string[]): Promise<Run> {
    this.#output = "";
    this.#running = `pulumi ${args.join(" ")}`;
    let stdout = "";
    // In a process group, as from a shell: everything that it starts gets the Ctrl-C as well.
    const child = spawn(this.command, [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env: this.environment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    const [code] = (await once(child, "close")) as [number | null];
    this.#running = "";
    return { succeeded: code === 0, did: [], failed: [], notes: notesIn(this.#output), stdout, output: this.#output };
  }

  /** The environment of its commands. */
  environment(): Record<string, string> {
    return cleanEnv({
      PATH: `${dirname(this.command)}${delimiter}${process.env["PATH"]}`,
      PULUMI_HOME: join(this.root, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.root, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Only then does the CLI know --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
      ...this.env,
    });
  }

  /** Presses Ctrl-C in the terminal of the running command. */
  ctrlC(): void {
    process.kill(-this.#child!.pid!, "SIGINT");
  }

  /** Kills the engine, and nothing that it started. */
  async killEngine(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await within(30, "the engine to end", once(this.#child!, "exit"));
  }

  /** Waits until the running command has printed a text. */
  async printed(text: string): Promise<void> {
    await until(`\`${this.#running}\` to print "${text}"`, () => this.#output.includes(text), 120);
  }

  async state(): Promise<StateResource[]> {
    const { deployment } = await this.exportState();
    const resources = (deployment.resources ?? []).filter(({ type }) => !isInternal(type));
    return resources.map(({ outputs = {}, ...resource }) => ({
      ...resource,
      name: nameOf(resource.urn),
      outputs: reveal(outputs),
      secretOutputs: Object.keys(outputs).filter((name) => isSecret(outputs[name]) && name !== "__provider"),
    }));
  }

  /** The outputs of the program, secrets in plain text. */
  async outputs(): Promise<Record<string, unknown>> {
    const { deployment } = await this.exportState();
    return reveal(deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {});
  }

  async exportState(): Promise<Deployment> {
    return JSON.parse((await this.pulumi("stack", "export", "--show-secrets", "--stack", "test")).stdout) as Deployment;
  }

  async importState(state: Deployment): Promise<void> {
    const file = join(this.root, "state.json");
    writeFileSync(file, JSON.stringify(state));
    await this.pulumi("stack", "import", "--file", file, "--stack", "test");
  }

  /** Everything in the backend and in the settings of the stack, as it lies there. */
  stored(): string {
    const settings = readdirSync(this.folder).filter((name) => /^Pulumi\..*yaml$/.test(name));
    const backend = readdirSync(join(this.root, "backend"), { recursive: true, withFileTypes: true });
    const files = backend.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    files.push(...settings.map((name) => join(this.folder, name)));
    return files.map((path) => readFileSync(path, "utf8")).join("\n");
  }

  /** Installs the plugin from its archive, which `npm run plugin:pack` makes; returns its version. */
  async installPlugin(): Promise<string> {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
    const run = await this.pulumi("plugin", "install", "resource", "atlas-token", version, "--file", pluginArchive());
    if (!run.succeeded) throw new Error(run.output);
    return version;
  }

  /** If a test has failed while a command was running, ends it and says so. */
  async close(): Promise<void> {
    if (this.#running !== "") {
      console.log(`      \`${this.#running}\` has not ended:\n${this.#output}`);
      process.kill(-this.#child!.pid!, "SIGKILL");
      await within(30, "what it started to end", once(this.#child!, "close"));
    }
    await removeTempDir(this.root);
  }
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

function isSecret(value: unknown): value is { readonly plaintext: string } {
  return typeof value === "object" && value !== null && SIGNATURE in value && "plaintext" in value;
}

function reveal(properties: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(properties, (_key, value: unknown) =>
    isSecret(value) ? (JSON.parse(value.plaintext) as unknown) : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function isInternal(type: string): boolean {
  return /^pulumi:(pulumi|providers):/.test(type);
}

type StepEvent = "resOutputsEvent" | "resOpFailedEvent";
interface Step {
  readonly metadata: { readonly op: string; readonly urn: string; readonly type: string };
}

function stepsIn(log: string, event: StepEvent): string[] {
  // A command that is refused at once writes no events.
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  return lines
    .filter((line) => line.includes(`"${event}"`))
    .map((line) => (JSON.parse(line) as Record<StepEvent, Step>)[event].metadata)
    .filter(({ type }) => !isInternal(type))
    .map(({ op, urn }) => `${op} ${nameOf(urn)}`);
}

function notesIn(output: string): string[] {
  return [...output.matchAll(/^ *(?:\w+: )?(ServiceAccountToken [^"].*)$/gm)].map(([, note = ""]) => note);
}
