import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import type { ProviderError } from "../../support/provider-error";
import { startProviderHost, type ProviderHost } from "../../support/provider-host";
import type { Properties } from "../../support/values";

const root = join(__dirname, "..", "..", "..");
/** What every user's state holds, and what the host runs. */
const provider = readFileSync(join(root, "test/unit/resource/serialized-provider.txt"), "utf8");

export interface Created {
  readonly id: string;
  readonly outs: Properties;
}

/** For each test: Local Atlas and Pulumi's own provider host beside it, both gone afterwards. */
export class HostFixture {
  #atlas: LocalAtlas | undefined;
  readonly #hosts: ProviderHost[] = [];

  constructor(options: LocalAtlasOptions | (() => LocalAtlasOptions) = {}) {
    beforeEach(async () => {
      this.#atlas = await startLocalAtlas(typeof options === "function" ? options() : options);
    });
    afterEach(async () => {
      await Promise.all(this.#hosts.splice(0).map((host) => host.close()));
      await this.#atlas?.close();
    });
  }

  get atlas(): LocalAtlas {
    if (this.#atlas === undefined) throw new Error("there is no Local Atlas outside of a test");
    return this.#atlas;
  }

  /**
   * Starts a host, as the engine does for each operation; the environment holds the credentials unless it says otherwise.
   * What it prints can come later than its answers: close it before reading that.
   */
  async start(
    env: Readonly<Record<string, string>> = {},
    config: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<ProviderHost> {
    const host = await startProviderHost({ cwd: root, env: { ...environmentFor(this.atlas), ...env }, nodeOptions });
    this.#hosts.push(host);
    await host.configure(config);
    return host;
  }

  /** Checks and creates, as the engine does. */
  async create(host: ProviderHost, name: string, args: Properties = {}): Promise<Created> {
    return host.create(await this.inputs(host, name, args));
  }

  /** Inputs as check leaves them. */
  async inputs(host: ProviderHost, name: string, args: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await host.check({}, { __provider: provider, name, ...args });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }
}

/** Deletes and returns the error, or undefined where it succeeded. */
export function failureOf(operation: Promise<unknown>): Promise<ProviderError | undefined> {
  return operation.then(
    () => undefined,
    (error: unknown) => error as ProviderError,
  );
}

/** A text that is long enough to be scrubbed and that nothing else contains. */
export function plant(kind: string): string {
  return `Planted-${kind}-${randomBytes(8).toString("hex")}`;
}
