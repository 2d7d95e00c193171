import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { cleanEnv } from "../../support/clean-env";
import type { Properties } from "../../support/values";

/** What arrives of an error from another process. */
export interface RemoteError {
  readonly message: string;
  readonly stack: string;
  /** What `String` made of it. */
  readonly text: string;
  readonly id?: string;
  readonly properties?: Properties;
  readonly reasons?: readonly string[];
}

/** The methods of a serialized provider; where one rejects, it is with a {@link RemoteRejection}. */
export interface SerializedProvider {
  configure(config: Readonly<Record<string, string>>): Promise<unknown>;
  check(olds: Properties, news: Properties): Promise<unknown>;
  diff(id: string, olds: Properties, news: Properties): Promise<unknown>;
  create(inputs: Properties): Promise<unknown>;
  read(id: string, properties: Properties): Promise<unknown>;
  update(id: string, olds: Properties, news: Properties): Promise<unknown>;
  delete(id: string, properties: Properties): Promise<unknown>;
  close(): Promise<void>;
}

/** What a method of the serialized provider rejected with. */
export class RemoteRejection extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.message);
  }
}

interface Reply {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: RemoteError;
}

/** Starts a process in a folder that knows nothing but the text. */
export function startSerialized(text: string, cwd: string): SerializedProvider {
  const child = fork(join(__dirname, "serialized-process.cjs"), {
    cwd,
    env: cleanEnv(),
    execArgv: [],
    serialization: "advanced",
  });
  child.send(text);

  const waiting = new Map<number, (reply: Reply) => void>();
  let calls = 0;
  child.on("message", (reply) => waiting.get((reply as Reply).call)?.(reply as Reply));
  const run = (method: string, ...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const call = calls++;
      const ended = (): void => reject(new Error(`the process ended before ${method} did`));
      child.once("exit", ended);
      waiting.set(call, ({ value, error }) => {
        child.removeListener("exit", ended);
        if (error === undefined) resolve(value);
        else reject(new RemoteRejection(error));
      });
      child.send({ call, method, args });
    });

  return {
    configure: (config) => run("configure", { config }),
    check: (olds, news) => run("check", olds, news),
    diff: (id, olds, news) => run("diff", id, olds, news),
    create: (inputs) => run("create", inputs),
    read: (id, properties) => run("read", id, properties),
    update: (id, olds, news) => run("update", id, olds, news),
    delete: (id, properties) => run("delete", id, properties),
    async close() {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
