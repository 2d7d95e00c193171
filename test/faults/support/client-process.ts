import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { DEFAULT_TIMEOUTS } from "../../../provider/oauth/client-settings";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { Expected } from "./expected";
import { call, setEnvironment, settingsFor, Stage, type Environment } from "./stage";
import { check } from "./table";

/** A call that another process is to make and to check. */
interface Job {
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
    this.#process = fork(__filename, {
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

/** What the other process does: it sends an empty list when it is ready, then the problems of each call. */
function serve(): void {
  const problems: string[] = [];
  const note = (problem: unknown): void => void problems.push(String((problem as Error).stack ?? problem));
  const report = (): void => void process.send?.(problems.splice(0));
  process.on("unhandledRejection", note).on("warning", (warning) => {
    // Node.js tells whoever set that variable.
    if (!warning.message.includes("NODE_TLS_REJECT_UNAUTHORIZED")) note(warning);
  });
  process.on("message", ({ endpoint, expected, baseUrl, env }: Job) => {
    const stage = new Stage(DEFAULT_TIMEOUTS.attemptMs);
    const restore = setEnvironment(env);
    void call(endpoint, { baseUrl, signal: stage.caller.signal }, settingsFor(stage))
      .finally(restore)
      .then((played) => check(endpoint, expected, played, stage))
      .catch(note)
      .then(report);
  });
  report();
}

if (require.main === module) serve();
