import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { Expected } from "./expected";
import type { Environment } from "./stage";

/** A call that another process is to make and to check. */
export interface Job {
  readonly endpoint: Endpoint;
  readonly expected: Expected;
  readonly baseUrl: string;
  readonly env: Environment;
}

/** The client in a process of its own, for what Node.js reads of the environment only when it starts. */
export class ClientProcess {
  readonly #env: Environment;
  #process: ChildProcess | undefined;

  constructor(env: Environment) {
    this.#env = env;
  }

  async start(): Promise<void> {
    this.#process = fork(join(__dirname, "client-process-main.ts"), {
      cwd: join(__dirname, "..", "..", ".."),
      env: { PATH: process.env["PATH"], ...this.#env },
      execArgv: ["--require", "ts-node/register/transpile-only"],
      serialization: "advanced",
    });
    await once(this.#process, "message");
  }

  /** Makes one call at a time; throws what is wrong with what came of it. */
  async run(job: Job): Promise<void> {
    this.#process!.send(job);
    const [problems] = (await once(this.#process!, "message")) as [readonly string[]];
    if (problems.length > 0) throw new Error(problems.join("\n"));
  }

  /** Lets go of the process, which has to end by itself: the client holds nothing that keeps it alive. */
  async end(): Promise<void> {
    this.#process!.disconnect();
    const [code] = (await once(this.#process!, "exit")) as [number | null];
    if (code !== 0) throw new Error(`the process of the client ended with ${code ?? "a signal"}`);
  }
}
