import type { dynamic } from "@pulumi/pulumi";
import { createRequire } from "node:module";

/*
 * thin: the same behavior as ours, made the usual way. Its provider object forwards to the same code, and
 * `pulumi.dynamic.Resource` serializes it.
 */

type Host = Required<dynamic.ResourceProvider>;

const load = (): Host => createRequire(`${process.cwd()}/`)("pulumi-atlas-token/host") as Host;

export const provider: dynamic.ResourceProvider = {
  configure: async (request) => load().configure(request),
  check: async (olds: unknown, news: unknown) => load().check(olds, news),
  diff: async (id, olds: unknown, news: unknown) => load().diff(id, olds, news),
  create: async (inputs: unknown) => load().create(inputs),
  read: async (id, props: unknown) => load().read(id, props),
  update: async (id, olds: unknown, news: unknown) => load().update(id, olds, news),
  delete: async (id, props: unknown) => load().delete(id, props),
};
