import * as pulumi from "@pulumi/pulumi";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { LocalAtlas } from "../../../examples/local-atlas";
import type { Stack } from "../../support/stack";

interface Inputs {
  readonly atlas: string;
  readonly token: string;
}

/** What depends on a token: whenever it is worked on it asks Atlas whether what it has been handed is active. */
export class Consumer extends pulumi.dynamic.Resource {
  constructor(name: string, token: pulumi.Input<string>, atlas: LocalAtlas, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { atlas: atlas.url, token }, options, "test", "Consumer");
  }
}

/** What consumers found, one operation a line, since the beginning. */
export function usesOf(stack: Stack): string[] {
  const file = join(stack.folder, "uses.log");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

// All that follows is serialized: it must not know anything of this process.

const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    log("create", await standing(inputs));
    return { id: "consumer", outs: inputs };
  },
  async update(_id, olds, news) {
    log("update", `${await standing(olds)} to ${await standing(news)}`);
    return { outs: news };
  },
  async delete(_id, props) {
    log("delete", await standing(props));
  },
};

function log(operation: string, found: string): void {
  appendFileSync("uses.log", `${operation}: ${found}\n`);
}

async function standing({ atlas, token }: Inputs): Promise<string> {
  const response = await fetch(`${atlas}/introspect`, { method: "POST", body: new URLSearchParams({ token }) });
  return ((await response.json()) as { active: boolean }).active ? "active" : "inactive";
}
