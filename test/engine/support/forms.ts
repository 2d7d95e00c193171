import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const repository = join(__dirname, "..", "..", "..");

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
  project: `plugins: { providers: [{ name: atlas-token, path: ${join(repository, "dist", "plugin")} }] }\n`,
};

/** The version of the package and of the plugin. */
export const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };

/** The archive of the plugin for this machine, packed again if the plugin was built since. */
export function pluginArchive(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const archive = join(repository, "dist-plugin", `pulumi-resource-atlas-token-v${version}-${platform}-${arch}.tar.gz`);
  const built = statSync(join(repository, "dist/plugin/plugin.js")).mtimeMs;
  if ((statSync(archive, { throwIfNoEntry: false })?.mtimeMs ?? 0) < built) {
    execFileSync(process.execPath, [join(repository, "provider/plugin/pack.mjs")]);
  }
  return archive;
}
