import * as pulumi from "@pulumi/pulumi";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Stack } from "../../support/stack";

export interface ThingArgs {
  /** A change is an update. "bad" is refused. */
  readonly value?: pulumi.Input<string>;
  /** A change is a replacement. */
  readonly key?: pulumi.Input<string>;
  readonly deletesFirst?: boolean;
  /** The port of a server to which `create` connects; it goes on when the connection is closed. */
  readonly gate?: string;
}

interface State {
  readonly value?: string;
  readonly key?: string;
  readonly deletesFirst?: boolean;
  readonly gate?: string;
  readonly token?: string;
}

/**
 * A dynamic resource whose provider writes each call into `calls.log` in its working directory. `THING_FAILS` in the
 * provider's environment names the calls that fail, as `delete` or, for one resource, `delete one`; `init` is a creation
 * or an update that leaves something behind. `THING_DRIFT` is the value that `read` finds, "gone" that there is nothing.
 */
export class Thing extends pulumi.dynamic.Resource {
  declare readonly token: pulumi.Output<string>;
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: ThingArgs, options?: pulumi.CustomResourceOptions) {
    const all = { value: name, token: undefined, ...args };
    super(provider, name, all, { additionalSecretOutputs: ["token"], ...options }, "test", "Thing");
  }
}

/** What was asked of the provider since the last time, one call a line; ids are random, and left out. */
export function callsOf(stack: Stack): string[] {
  const file = join(stack.folder, "calls.log");
  const calls = existsSync(file)
    ? readFileSync(file, "utf8")
        .replace(/thing-[-\w]+/g, "…")
        .trimEnd()
        .split("\n")
    : [];
  const seen = alreadySeen.get(stack) ?? 0;
  alreadySeen.set(stack, calls.length);
  return calls.slice(seen);
}

const alreadySeen = new WeakMap<Stack, number>();

// All that follows is serialized: it must not know anything of this process.

const provider: pulumi.dynamic.ResourceProvider<State, State> = {
  configure({ config }) {
    log("configure", `${config.get("greeting") ?? "-"} ${config.get("other:hidden") ?? "-"}`);
    return Promise.resolve();
  },
  check(olds: State, news: State) {
    log("check", `${news.value ?? ""} after ${olds.value ?? "nothing"}`);
    if (news.value === "bad") {
      return Promise.resolve({ inputs: {}, failures: [{ property: "value", reason: "it is bad" }] });
    }
    return Promise.resolve({ inputs: { ...news, key: news.key ?? "1" } });
  },
  diff(_id, olds, news) {
    failIf("diff", news.value);
    if (olds.key !== news.key) console.error(`the key of ${news.value ?? ""} changed`);
    return Promise.resolve({
      changes: olds.key !== news.key || olds.value !== news.value,
      replaces: olds.key === news.key ? [] : ["key"],
      deleteBeforeReplace: news.deletesFirst ?? false,
    });
  },
  async create(inputs) {
    log("create", inputs.value);
    if (inputs.gate !== undefined) await pass(Number(inputs.gate));
    failIf("create", inputs.value);
    const id = `thing-${randomUUID()}`;
    const outs = { ...inputs, token: `token of ${id}` };
    failIf("init", inputs.value, { id, properties: outs, reasons: ["it did not come up"] });
    return { id, outs };
  },
  update(id, olds, news) {
    log("update", `${olds.value ?? ""} to ${news.value ?? ""}`);
    failIf("update", news.value);
    const outs = { ...news, token: olds.token! };
    failIf("init", news.value, { id, properties: outs, reasons: ["it did not come up"] });
    return Promise.resolve({ outs });
  },
  read(id, props) {
    log("read", props?.value);
    failIf("read", props?.value);
    const drift = process.env.THING_DRIFT;
    if (drift === "gone") return Promise.resolve({ id: "", props: {} });
    return Promise.resolve({ id, props: drift === undefined ? props! : { ...props, value: drift } });
  },
  async delete(_id, props) {
    log("delete", props.value);
    if (props.gate !== undefined) await pass(Number(props.gate));
    failIf("delete", props.value);
  },
};

function log(call: string, what = ""): void {
  appendFileSync("calls.log", `${call} ${what}\n`);
}

function failIf(call: string, value = "", extra: object = {}): void {
  const failing = (process.env.THING_FAILS ?? "").split(",");
  if (!failing.includes(call) && !failing.includes(`${call} ${value}`)) return;
  throw Object.assign(new Error(`${call} of ${value} failed`), extra);
}

function pass(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    connect(port, "127.0.0.1").on("close", resolve).on("error", reject).resume();
  });
}
