import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  defaultClientId,
  defaultClientSecret,
  startLocalAtlas,
  type Endpoint,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";
import { formsOf } from "../../support/oauth/credentials";
import { findOrDownloadEngine } from "../../../examples/demo/find-engine";
import type { Form } from "./forms";
import { prepareScenario, Stack, type Run } from "./stack";

export interface Account {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A stack, and the Atlas that it talks to. */
export class Scene {
  /** How far the clock of Local Atlas is behind that of this machine: the tokens that it issues look that old. */
  clockLagMs = 0;
  readonly stacks: Stack[] = [];
  readonly #seen: Run[] = [];
  #interruption: (() => Promise<void>) | undefined;
  #interrupted: Endpoint | undefined;

  private constructor(
    readonly form: Form,
    readonly command: string,
    readonly clients: Readonly<Record<string, string | readonly string[]>>,
  ) {}

  atlas!: LocalAtlas;
  stack!: Stack;

  static async open(command: string, form: Form, options: LocalAtlasOptions = {}): Promise<Scene> {
    const clients = options.clients ?? { [defaultClientId]: defaultClientSecret };
    const scene = new Scene(form, command, clients);
    scene.atlas = await startLocalAtlas({
      now: () => Date.now() - scene.clockLagMs,
      before: async (request) => {
        if (request.endpoint !== scene.#interrupted) return;
        scene.#interrupted = undefined;
        await scene.#interruption?.();
      },
      ...options,
      clients,
    });
    scene.stack = await scene.openStack();
    return scene;
  }

  /** Another stack with the same Atlas. */
  async openStack(prepare = prepareScenario(this.form)): Promise<Stack> {
    const stack = await Stack.open(this.command, prepare);
    this.stacks.push(stack);
    Object.assign(stack.env, { MONGODB_ATLAS_BASE_URL: this.atlas.url, FORM: this.form.name });
    this.logIn({ clientId: defaultClientId, clientSecret: defaultClientSecret }, stack);
    const operate = stack.operate.bind(stack);
    stack.operate = async (...args) => {
      const run = await operate(...args);
      this.#seen.push(run);
      return run;
    };
    return stack;
  }

  /** Has the environment name an account. */
  logIn({ clientId, clientSecret }: Account, stack = this.stack): void {
    Object.assign(stack.env, { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret });
  }

  /** Has the environment name no account. */
  logOut(): void {
    delete this.stack.env["MONGODB_ATLAS_CLIENT_ID"];
    delete this.stack.env["MONGODB_ATLAS_CLIENT_SECRET"];
  }

  /** Has the stack's configuration name an account. */
  configure({ clientId, clientSecret }: Account): Promise<void> {
    const { namespace } = this.form;
    return this.stack.configure({ [`${namespace}:clientId`]: clientId, [`${namespace}:clientSecret`]: clientSecret });
  }

  /** The requests so far, as `issue 200`. */
  requests(): string[] {
    return this.atlas.log().map(({ endpoint, status }) => `${endpoint} ${status}`);
  }

  /** The requests so far with the account of each, as `issue first-account 200`. */
  requestsByAccount(): string[] {
    return this.atlas.log().map(({ endpoint, clientId, status }) => `${endpoint} ${clientId} ${status}`);
  }

  /** Whether each token that was issued is active, in the order of their issue. */
  active(): boolean[] {
    return this.atlas.tokens().map(({ active }) => active);
  }

  /** What the consumers found about their tokens, one line for each operation. */
  uses(): string[] {
    const file = join(this.stack.folder, "uses.log");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  /** Does something while the next request to an endpoint waits for its response. */
  during(endpoint: Endpoint, action: () => Promise<void>): void {
    this.#interrupted = endpoint;
    this.#interruption = action;
  }

  /** Presses Ctrl-C during the next request to an endpoint, and lets it finish once Pulumi has noticed. */
  ctrlCDuring(endpoint: Endpoint): void {
    this.during(endpoint, async () => {
      this.stack.ctrlC();
      await this.stack.printed("^C received");
    });
  }

  /** Every secret of the scenario. */
  secrets(): string[] {
    return [...Object.values(this.clients).flat(), ...this.atlas.tokens().map(({ token }) => token)];
  }

  async close(): Promise<void> {
    try {
      const texts = [...this.#seen.map(({ output }) => output), ...this.stacks.map((stack) => stack.stored())];
      assertHidden(texts, this.secrets());
    } finally {
      await this.atlas.close();
      await Promise.all(this.stacks.map((stack) => stack.close()));
    }
  }
}

/** Fails if a text contains a secret in any of the forms in which it travels. */
export function assertHidden(texts: readonly string[], secrets: readonly string[]): void {
  for (const form of secrets.flatMap(formsOf)) {
    for (const text of texts) assert.ok(!text.includes(form), `a secret was found in\n${text}`);
  }
}

type Open = (options?: LocalAtlasOptions) => Promise<Scene>;

/**
 * Describes scenarios on the real engine, once for each form. Without an engine they are skipped, and one line says so;
 * with `ENGINE=required` they fail. When a scenario is over, no secret may be in what was printed or stored.
 */
export function describeOnEngine(
  title: string,
  forms: readonly Form[],
  scenarios: (open: Open, form: Form) => void,
): void {
  for (const form of forms) {
    describe(`${title} (${form.name})`, function () {
      // Each operation starts several processes, and other suites may be using the machine.
      this.timeout(240_000);
      let command: string;
      const scenes: Scene[] = [];
      before(async function () {
        command = await requireEngine(this);
      });
      afterEach(async () => {
        for (const scene of scenes.splice(0)) await scene.close();
      });
      scenarios(async (options) => {
        const scene = await Scene.open(command, form, options);
        scenes.push(scene);
        return scene;
      }, form);
    });
  }
}

let engine: ReturnType<typeof findOrDownloadEngine> | undefined;
let said = false;

/** The path of the Pulumi CLI. Where there is none, skips what the caller describes, or fails if it is required. */
export async function requireEngine(context: Mocha.Context): Promise<string> {
  const found = await (engine ??= findOrDownloadEngine(console.log));
  if (found) return found.command;
  if (process.env["ENGINE"] === "required") throw new Error("no Pulumi engine was found");
  if (!said) console.log("  Skipped all scenarios on the real engine: no Pulumi CLI was found.");
  said = true;
  return context.skip();
}
