import type { Endpoint } from "../../../provider/oauth/endpoint";
import { call } from "./call";
import { setEnvironment, Stage, type Environment } from "./stage";

export interface PlannedCall {
  readonly endpoint: Endpoint;
  readonly baseUrl: string;
  readonly env: Environment;
}

/** Makes the calls of the argument, one after the other, prints how each ended, and has nothing left that keeps it alive. */
async function main(calls: readonly PlannedCall[]): Promise<void> {
  const endings: string[] = [];
  for (const { endpoint, baseUrl, env } of calls) {
    setEnvironment(env);
    endings.push(await call(endpoint, { baseUrl }, new Stage()));
  }
  process.stdout.write(JSON.stringify(endings));
}

void main(JSON.parse(process.argv[2]!) as PlannedCall[]);
