/*
 * Packs the plugin for this platform into an archive with the name that Pulumi expects of a release, in dist-plugin, where its
 * content stays in the folder plugin:
 *
 *     npm run plugin:pack [-- --shim | --executable]
 *
 * The archive contains an executable that needs no Node.js. Where Node.js for it cannot be fetched or does not run, as on
 * Alpine, it contains the shim and the bundle instead; `--executable` makes that a failure, `--shim` asks for it.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { makeExecutable, Unavailable } from "./executable.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bundle = join(root, "dist", "plugin");
const output = join(root, "dist-plugin");
const content = join(output, "plugin");
const isWindows = process.platform === "win32";
const { values: options } = parseArgs({ options: { shim: { type: "boolean" }, executable: { type: "boolean" } } });

rmSync(output, { recursive: true, force: true });
cpSync(bundle, content, { recursive: true });
const runtime = (!options.shim && addExecutable()) || "the shim, which needs Node.js 20.18.1 or newer";
const { version } = readJson("schema.json");
const platform = `${isWindows ? "windows" : process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
const archive = join(output, `pulumi-resource-atlas-token-v${version}-${platform}.tar.gz`);
// A relative path, since GNU tar takes the colon of a Windows path for that of a remote host.
const tarFlags = ["-czf", relative(content, archive), ...readdirSync(content)];
// Otherwise tar on macOS adds a file for the extended attributes of each file.
execFileSync("tar", tarFlags, { cwd: content, env: { ...process.env, COPYFILE_DISABLE: "1" } });
const path = relative(process.cwd(), archive);
console.log(`${path}: ${(statSync(archive).size / 1e6).toFixed(1)} MB, ${runtime}`);
console.log(`Install it here: pulumi plugin install resource atlas-token ${version} --file ${path}`);

/** Replaces the shim and the bundle, and returns what the user has to know; returns nothing if the shim stays. */
function addExecutable() {
  const name = "pulumi-resource-atlas-token";
  const executable = join(content, `${name}${isWindows ? ".exe" : ""}`);
  try {
    const { version, license } = makeExecutable(join(bundle, "plugin.js"), `${executable}-new`);
    for (const file of [name, `${name}.cmd`, "plugin.js", "start.js"]) rmSync(join(content, file));
    renameSync(`${executable}-new`, executable);
    appendFileSync(join(content, "THIRD_PARTY_LICENSES"), `\n${"-".repeat(80)}\n\nNode.js ${version}\n\n${license}`);
    const sbom = readJson("sbom.cdx.json");
    const cpe = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
    sbom.components.push({ type: "platform", name: "Node.js", version, cpe });
    writeFileSync(join(content, "sbom.cdx.json"), JSON.stringify(sbom, null, 2));
    return `with Node.js ${version} inside`;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    if (options.executable) {
      console.error(`No executable can be made: ${error.message}`);
      process.exit(1);
    }
    console.log(`Packing the shim instead of an executable: ${error.message}`);
    return undefined;
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(join(content, file), "utf8"));
}
