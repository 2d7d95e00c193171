import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const repository = dirname(dirname(dirname(__dirname)));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

export const manifest = readManifest(repository);

/** The lowest version that a range of the forms `^1.2.3` and `>=1.2.3` allows. */
export function oldest(range = ""): string {
  const version = /^(?:\^|>=)(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (version === undefined) throw new Error(`the lowest version of "${range}" is not clear`);
  return version;
}
