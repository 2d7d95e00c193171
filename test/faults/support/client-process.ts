import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { Environment } from "./environment";
import type { Expected } from "./expected";

/** A call that another process is to make and to check. */
export interface Job {
  readonly endpoint: Endpoint;
  readonly expected: Expected;
  readonly baseUrl: string;
  readonly env: Environment;
}

/** What went wrong so far and was not reported yet, in a call or beside it. */
export interface Report {
  readonly problems: readonly string[];
}

const repository = join(__dirname, "..", "..", "..");

/** The client in a process of its own: what Node.js reads of the environment only when it starts. */
export class ClientProcess {
  readonly #env: Environment;
  #process: ChildProcess | undefined;

  constructor(env: Environment) {
    this.#env = env;
  }

  async start(): Promise<void> {
    this.#process = fork(join(__dirname, "client-process-main.ts"), {
      cwd: repository,
      env: { PATH: process.env["PATH"], ...this.#env },
      execArgv: ["--require", "ts-node/register/transpile-only"],
      serialization: "advanced",
    });
    await once(this.#process, "message");
  }

  /** Makes one call at a time; throws what is wrong with what came of it. */
  async run(job: Job): Promise<void> {
    const child = this.#running;
    child.send(job);
    const [{ problems }] = (await once(child, "message")) as [Report];
    if (problems.length > 0) throw new Error(problems.join("\n"));
  }

  /** Lets go of the process, which has to end by itself: the client holds nothing that keeps it alive. */
  async end(): Promise<void> {
    const child = this.#running;
    child.disconnect();
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`the process of the client ended with ${code ?? "a signal"}`);
  }

  get #running(): ChildProcess {
    if (this.#process === undefined) throw new Error("the process of the client has not been started");
    return this.#process;
  }
}
