/*
 * Builds the executable plugin into dist/plugin: the provider and everything it needs in one file, which runs with Node.js
 * alone from any folder.
 */
import { build } from "esbuild";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const output = join(root, "dist", "plugin");
const { version, engines } = readJson(join(root, "package.json"));

/** Licenses that allow redistribution in a bundle as long as their text goes with it. */
const ALLOWED = ["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD"];

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

const { metafile } = await build({
  entryPoints: [join(here, "main.ts")],
  outfile: join(output, "plugin.js"),
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: `node${/\d+\.\d+\.\d+/.exec(engines.node)[0]}`,
  // grpc-js loads it for its admin service only, which the plugin does not have.
  external: ["@grpc/proto-loader"],
  // Names stay, so that a stack trace in an issue can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const executable = "pulumi-resource-atlas-token";
for (const file of [executable, `${executable}.cmd`, "start.js"]) copyFileSync(join(here, file), join(output, file));
chmodSync(join(output, executable), 0o755);
writeFileSync(
  join(output, "schema.json"),
  JSON.stringify({ ...readJson(join(here, "schema.json")), version }, null, 2),
);
copyFileSync(join(root, "LICENSE"), join(output, "LICENSE"));
writeFileSync(join(output, "THIRD_PARTY_LICENSES"), licenses(Object.keys(metafile.inputs)));

/** The licenses of every package that a bundled file belongs to. Throws if one is missing or not allowed. */
function licenses(files) {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
  return [...folders]
    .sort()
    .map(describePackage)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function packageFolder(file) {
  const parts = file.split("/");
  const index = parts.lastIndexOf("node_modules");
  if (index === -1) return undefined;
  return parts.slice(0, index + (parts[index + 1].startsWith("@") ? 3 : 2)).join(sep);
}

function describePackage(folder) {
  const { name, version, license } = readJson(join(root, folder, "package.json"));
  // An SPDX expression: each part that is joined with AND must be allowed, and one of those joined with OR.
  const parts = String(license).replace(/[()]/g, "").split(" AND ");
  if (!parts.every((part) => part.split(" OR ").some((id) => ALLOWED.includes(id))))
    throw new Error(`${name} has the license "${license}", which build.mjs does not allow`);
  const files = readdirSync(join(root, folder)).filter((file) => /^licen[cs]e/i.test(file));
  if (files.length === 0) throw new Error(`${name} has no license file to put into THIRD_PARTY_LICENSES`);
  const texts = files.map((file) => readFileSync(join(root, folder, file), "utf8").trim());
  return `${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
