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
import { environmentFor } from "../../support/environment-for";
import { requireEngine } from "../../support/engine";
import { formsOf } from "../../support/oauth/credentials";
import { skip } from "../../support/skip";
import { prepareScenario, repository, Stack, type Run } from "./stack";

/** One of the two forms of the provider, as a scenario sees it. */
export interface Form {
  readonly name: "dynamic" | "plugin";
  /** The namespace of its configuration. */
  readonly namespace: string;
  readonly type: string;
  /** What it needs in Pulumi.yaml. */
  readonly project: string;
}

export const dynamic: Form = {
  name: "dynamic",
  namespace: "mongodbatlas",
  type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
  project: "",
};

export const plugin: Form = {
  name: "plugin",
  namespace: "atlas-token",
  type: "atlas-token:index:ServiceAccountToken",
  project: `plugins: { providers: [{ name: atlas-token, path: ${join(repository, "dist-plugin", "plugin")} }] }\n`,
};

export interface Account {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A stack, and the Atlas that it talks to. */
export class Fixture {
  /** How far the clock of Local Atlas is behind that of this machine: the tokens that it issues look that old. */
  clockLagMs = 0;
  #during: { readonly endpoint: Endpoint; readonly action: () => Promise<void> } | undefined;
  atlas!: LocalAtlas;
  stack!: Stack;

  private constructor(
    readonly form: Form,
    private readonly clientSecrets: readonly string[],
  ) {}

  static async open(
    command: string,
    form: Form,
    options: LocalAtlasOptions = {},
    prepare = prepareScenario(form),
  ): Promise<Fixture> {
    const { clients = { [defaultClientId]: defaultClientSecret } } = options;
    const fixture = new Fixture(form, Object.values(clients).flat());
    fixture.atlas = await startLocalAtlas({
      now: () => Date.now() - fixture.clockLagMs,
      before: async ({ endpoint }) => {
        if (endpoint !== fixture.#during?.endpoint) return;
        const { action } = fixture.#during;
        fixture.#during = undefined;
        await action();
      },
      ...options,
    });
    fixture.stack = await Stack.open(command, prepare);
    Object.assign(fixture.stack.env, environmentFor(fixture.atlas), { FORM: form.name });
    return fixture;
  }

  /** Has the environment name an account. */
  logIn({ clientId, clientSecret }: Account): void {
    Object.assign(this.stack.env, { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret });
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
    this.#during = { endpoint, action };
  }

  /** Presses Ctrl-C during the next request to an endpoint, and lets it finish once Pulumi has noticed. */
  ctrlCDuring(endpoint: Endpoint): void {
    this.during(endpoint, async () => {
      this.stack.ctrlC();
      await this.stack.printed("^C received");
    });
  }

  /** The client secrets, and the tokens that were issued. */
  secrets(): string[] {
    return [...this.clientSecrets, ...this.atlas.tokens().map(({ token }) => token)];
  }

  /** Fails if a secret was printed or stored. */
  async close(): Promise<void> {
    try {
      assertHidden([...this.stack.transcripts, this.stack.stored()], this.secrets());
    } finally {
      await this.atlas.close();
      await this.stack.close();
    }
  }
}

/** Fails if a text contains a secret in any of the forms in which it travels. */
export function assertHidden(texts: readonly string[], secrets: readonly string[]): void {
  for (const form of secrets.flatMap(formsOf)) {
    for (const text of texts) assert.ok(!text.includes(form), `a secret was found in\n${text}`);
  }
}

/** Runs what must succeed. */
export async function succeeds(running: Promise<Run>): Promise<Run> {
  const run = await running;
  assert.ok(run.succeeded, run.output);
  return run;
}

/** Runs what must fail. */
export async function fails(running: Promise<Run>): Promise<Run> {
  const run = await running;
  assert.ok(!run.succeeded, `this should have failed:\n${run.output}`);
  return run;
}

/** Skips a test whose packages could not be installed, or fails it with `ENGINE=required`. */
export function skipIfFailed(context: Mocha.Context, succeeded: boolean, output: string, reason: string): void {
  if (!succeeded && process.env["ENGINE"] !== "required") skip(context, reason);
  assert.ok(succeeded, output);
}

type Open = (options?: LocalAtlasOptions, prepare?: (folder: string) => void) => Promise<Fixture>;

/** Describes scenarios on the real engine, once for each form; what opens in a test is closed after it. */
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
      let fixture: Fixture | undefined;
      before(async function () {
        command = await requireEngine(this);
      });
      afterEach(async () => {
        await fixture?.close();
        fixture = undefined;
      });
      scenarios(async (...args) => (fixture = await Fixture.open(command, form, ...args)), form);
    });
  }
}
