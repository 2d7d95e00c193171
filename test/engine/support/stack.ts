import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { makeTempDir, removeTempDir } from "../../support/work-dir";
import type { Form } from "./forms";

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
  readonly stderr: string;
  /** Both streams, as they appear in a terminal. */
  readonly output: string;
}

/** A resource in the state, with its secrets in plain text. */
export interface StateResource {
  readonly name: string;
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  readonly secretOutputs: readonly string[];
  /** Replaced, but not deleted yet. */
  readonly delete?: boolean;
  readonly pendingReplacement?: boolean;
  readonly initErrors?: readonly string[];
}

/** A program as its user writes it. It becomes a file, so it sees only what it is given. */
export type Program = (given: typeof import("./scenario.cjs"), values: never) => unknown;

/** Makes a folder a project whose program is declared in a test, with the packages that its user would have installed. */
export function prepareScenario(form: Form): (folder: string) => void {
  return (folder) => {
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    symlinkSync(repository, join(modules, "pulumi-atlas-token"), "junction");
    symlinkSync(join(repository, "node_modules/@pulumi"), join(modules, "@pulumi"), "junction");
    cpSync(join(__dirname, "scenario.cjs"), join(folder, "scenario.cjs"));
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const runtime = "{ name: nodejs, options: { typescript: false } }";
    writeFileSync(join(folder, "Pulumi.yaml"), `name: scenario\nruntime: ${runtime}\nmain: index.js\n${form.project}`);
  };
}

/** A stack that the real engine runs, with a backend, a home and a program of its own in a temporary folder. */
export class Stack {
  readonly env: Record<string, string> = {};
  #child: ChildProcess | undefined;
  #output = "";
  #listeners: (() => void)[] = [];

  private constructor(
    private readonly command: string,
    private readonly root: string,
    readonly folder: string,
  ) {}

  /** Opens an empty stack, once `prepare` has put a program into its folder. */
  static async open(command: string, prepare: (folder: string) => void): Promise<Stack> {
    const root = await makeTempDir();
    const stack = new Stack(command, root, join(root, "program"));
    for (const folder of ["program", "backend", "home"]) mkdirSync(join(root, folder));
    prepare(stack.folder);
    const { succeeded, output } = await stack.pulumi("stack", "init", "test");
    if (!succeeded) throw new Error(output);
    return stack;
  }

  /** Writes the settings of the project, Pulumi.yaml. */
  writeProject(text: string): void {
    writeFileSync(join(this.folder, "Pulumi.yaml"), text);
  }

  /** Makes a function the program of the stack. */
  declare(program: Program, values: object = {}): this {
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

  /** Runs a command of the CLI to its end. */
  pulumi(...args: readonly string[]): Promise<Run> {
    return this.run([...args, "--non-interactive", "--color", "never"]);
  }

  /** Runs an operation on the stack, and reads from the engine's events what it did. */
  async operate(...args: readonly string[]): Promise<Run> {
    const log = join(this.root, "events.log");
    rmSync(log, { force: true });
    const run = await this.pulumi(
      ...args,
      "--stack",
      "test",
      ...(args.includes("--event-log") ? [] : ["--event-log", log]),
    );
    return { ...run, ...stepsIn(log) };
  }

  private run(args: readonly string[]): Promise<Run> {
    return new Promise((resolve, reject) => {
      this.#output = "";
      const printed = { stdout: "", stderr: "" };
      // In a process group, as from a shell: everything that it starts gets the Ctrl-C as well.
      const child = spawn(this.command, args, {
        cwd: this.folder,
        env: this.environment(),
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.#child = child;
      for (const stream of ["stdout", "stderr"] as const) {
        child[stream].setEncoding("utf8").on("data", (text: string) => {
          printed[stream] += text;
          this.#output += text;
          for (const listener of this.#listeners) listener();
        });
      }
      child.once("error", reject).once("close", (code) => {
        const output = this.#output;
        resolve({ succeeded: code === 0, did: [], failed: [], notes: notesIn(output), ...printed, output });
      });
    });
  }

  private environment(): Record<string, string> {
    const { PATH = "", HOME = "" } = process.env;
    return {
      PATH: `${dirname(this.command)}${delimiter}${PATH}`,
      HOME,
      PULUMI_HOME: join(this.root, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.root, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Only then does the CLI know --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
      ...this.env,
    };
  }

  /** Presses Ctrl-C in the terminal of the running command. */
  ctrlC(): void {
    process.kill(-this.#child!.pid!, "SIGINT");
  }

  /** Kills the engine, and nothing that it started. */
  killEngine(): void {
    this.#child!.kill("SIGKILL");
  }

  /** The processes that the running command has started, and those that they have started. */
  descendants(): number[] {
    const parents = new Map<number, number>();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const parent = parentOf(pid);
      if (parent !== undefined) parents.set(Number(pid), parent);
    }
    const found = new Set([this.#child!.pid!]);
    for (let size = 0; size < found.size;) {
      size = found.size;
      for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
    }
    return [...found].slice(1);
  }

  /** Waits until the running command has printed a text. */
  async printed(text: string): Promise<void> {
    while (!this.#output.includes(text)) await new Promise<void>((resolve) => (this.#listeners = [resolve]));
  }

  async state(): Promise<StateResource[]> {
    const { deployment } = await this.exportState();
    return (deployment.resources ?? []).filter(({ type }) => !/^pulumi:(pulumi|providers):/.test(type)).map(visible);
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
    return [
      ...settings.map((name) => join(this.folder, name)),
      ...readdirSync(join(this.root, "backend"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ]
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
  }

  close(): Promise<void> {
    return removeTempDir(this.root);
  }
}

export interface Deployment {
  readonly deployment: { readonly resources?: readonly StoredResource[] };
}

interface StoredResource extends Omit<StateResource, "name" | "secretOutputs" | "inputs" | "outputs"> {
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
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

function visible({ inputs = {}, outputs = {}, ...resource }: StoredResource): StateResource {
  const secretOutputs = Object.keys(outputs).filter((name) => isSecret(outputs[name]) && name !== "__provider");
  const { __provider: _in, ...revealedInputs } = reveal(inputs);
  const { __provider: _out, ...revealed } = reveal(outputs);
  return { ...resource, name: nameOf(resource.urn), inputs: revealedInputs, outputs: revealed, secretOutputs };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly new?: { readonly custom?: boolean } | null;
  readonly old?: { readonly custom?: boolean } | null;
}

function stepsIn(log: string): Pick<Run, "did" | "failed"> {
  let events: EngineEvent[] = [];
  try {
    const lines = readFileSync(log, "utf8").split("\n");
    events = lines.filter((line) => /"res(ourcePre|Outputs|OpFailed)Event"/.test(line)).map(parse);
  } catch {
    // A command that is refused at once writes no events.
  }
  // The engine reports a component's outputs when the program registers them, or never: its work is done before.
  const done = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => [
    ...(resourcePreEvent && !isCustom(resourcePreEvent.metadata) && resourcePreEvent.metadata.op !== "refresh"
      ? [resourcePreEvent.metadata]
      : []),
    ...(resOutputsEvent && isCustom(resOutputsEvent.metadata) ? [resOutputsEvent.metadata] : []),
  ]);
  const failures = events.flatMap(({ resOpFailedEvent }) => (resOpFailedEvent ? [resOpFailedEvent.metadata] : []));
  return { did: described(done), failed: described(failures) };
}

function parse(line: string): EngineEvent {
  return JSON.parse(line) as EngineEvent;
}

function isCustom({ new: next, old }: StepMetadata): boolean {
  return (next ?? old)?.custom ?? false;
}

function described(steps: readonly StepMetadata[]): string[] {
  return steps
    .filter(({ type }) => !/^pulumi:(pulumi|providers):/.test(type))
    .map(({ op, urn }) => `${op} ${nameOf(urn)}`);
}

function notesIn(output: string): string[] {
  return [...output.matchAll(/^ *(?:\w+: )?(ServiceAccountToken [^"].*)$/gm)].map(([, note = ""]) => note);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has ended in the meantime.
    return undefined;
  }
}
