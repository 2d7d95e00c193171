import { join } from "node:path";

/** One of the two forms of the provider, as a scenario sees it. */
export interface Form {
  readonly name: "dynamic" | "plugin";
  /** The namespace of its configuration. */
  readonly namespace: string;
  readonly type: string;
  /** What it needs in Pulumi.yaml. */
  readonly project: string;
}

export const dynamic: Form = {
  name: "dynamic",
  namespace: "mongodbatlas",
  type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
  project: "",
};

export const plugin: Form = {
  name: "plugin",
  namespace: "atlas-token",
  type: "atlas-token:index:ServiceAccountToken",
  project: `plugins: { providers: [{ name: atlas-token, path: ${join(__dirname, "..", "..", "..", "dist", "plugin")} }] }\n`,
};
