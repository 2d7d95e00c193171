import { request, Agent } from "undici";

import type { LocalAtlas } from "../../examples/local-atlas";
import { basicAuthorization } from "../../provider/oauth/basic";
import type { Properties } from "../support/values";
import { argumentsFor } from "./accounts";
import { startBenchHost, type BenchHost } from "./bench-host";
import { CONTENDERS, type ContenderName } from "./contenders";
import type { Row } from "./report";
import { figureOf, ratioOf } from "./statistics";

const REPEATS = 7;
const CALLS = 60;
const OPERATIONS = ["check", "diff", "create", "delete"] as const;
type Operation = (typeof OPERATIONS)[number];
type Times = Map<Operation, number[]>;

/** The latency of an operation, in milliseconds, one call after the other; a hundred tokens a repeat. */
export async function benchOperations(atlas: LocalAtlas): Promise<Row[]> {
  const hosts = new Map<ContenderName, BenchHost>();
  for (const contender of CONTENDERS) {
    hosts.set(contender.name, await startBenchHost(contender, argumentsFor(0, atlas)));
  }
  const times = new Map<ContenderName, Times>(CONTENDERS.map(({ name }) => [name, emptyTimes()]));
  const bare: Times = emptyTimes();
  const agent = new Agent({ connections: 1 });
  try {
    // The first round only warms up.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      for (const [name, host] of hosts) {
        const round = await runRound(host, atlas, repeat);
        if (repeat > 0) for (const operation of OPERATIONS) times.get(name)!.get(operation)!.push(round[operation]);
      }
      const round = await runBare(agent, atlas, repeat);
      if (repeat > 0)
        for (const operation of ["create", "delete"] as const) bare.get(operation)!.push(round[operation]);
    }
  } finally {
    await Promise.all([...hosts.values()].map(({ host }) => host.close()));
    await agent.close();
  }

  return OPERATIONS.flatMap((operation): Row[] => {
    const [ours, plain, idle] = (["ours", "plain", "idle"] as const).map((name) => times.get(name)!.get(operation)!);
    const row = { section: "Operations", what: `${operation} (ms a call)`, ours: figureOf(ours!), unit: "ms" };
    const rows: Row[] = [{ ...row, rival: "plain", theirs: figureOf(plain!), ratio: ratioOf(ours!, plain!) }];
    if (operation === "create" || operation === "delete") {
      const floor = idle!.map((value, index) => value + bare.get(operation)![index]!);
      const goal = { atMost: 1.1, why: "within 10% of a bare request on top of doing nothing" };
      rows.push({
        ...row,
        rival: "idle + a bare request",
        theirs: figureOf(floor),
        ratio: ratioOf(ours!, floor),
        goal,
      });
    } else {
      rows.push({ ...row, rival: "idle", theirs: figureOf(idle!), ratio: ratioOf(ours!, idle!) });
    }
    return rows;
  });
}

function emptyTimes(): Times {
  return new Map(OPERATIONS.map((operation) => [operation, []]));
}

/** Milliseconds a call, over many. */
async function timed(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await work(index);
  return (performance.now() - start) / count;
}

async function runRound(bench: BenchHost, atlas: LocalAtlas, repeat: number): Promise<Record<Operation, number>> {
  const inputs: Properties[] = [];
  const created: { id: string; outs: Properties }[] = [];
  const check = await timed(CALLS, async (index) => {
    inputs[index] = await bench.inputs(`token-${repeat}-${index}`, argumentsFor(index, atlas));
  });
  const create = await timed(CALLS, async (index) => {
    created[index] = await bench.host.create(inputs[index]!);
  });
  const diff = await timed(CALLS, async (index) => {
    await bench.host.diff(created[index]!.id, created[index]!.outs, inputs[index]!);
  });
  const remove = await timed(CALLS, (index) => bench.host.delete(created[index]!.id, created[index]!.outs));
  return { check, diff, create, delete: remove };
}

async function runBare(agent: Agent, atlas: LocalAtlas, repeat: number): Promise<{ create: number; delete: number }> {
  const tokens: string[] = [];
  const post = async (path: string, index: number, form: Record<string, string>): Promise<string> => {
    const { clientId, clientSecret } = argumentsFor(index + repeat, atlas);
    const { statusCode, body } = await request(atlas.url + path, {
      dispatcher: agent,
      method: "POST",
      headers: {
        authorization: basicAuthorization(clientId, clientSecret),
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams(form).toString(),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(text);
    return text;
  };
  const create = await timed(CALLS, async (index) => {
    const text = await post("/api/oauth/token", index, { grant_type: "client_credentials" });
    tokens[index] = (JSON.parse(text) as { access_token: string }).access_token;
  });
  const remove = await timed(CALLS, async (index) => {
    await post("/api/oauth/revoke", index, { token: tokens[index]!, token_type_hint: "access_token" });
  });
  return { create, delete: remove };
}
