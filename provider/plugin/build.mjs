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
const { version, license, engines } = readJson(join(root, "package.json"));

/** Licenses that allow redistribution in a bundle as long as their text goes with it. */
const ALLOWED = ["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD"];

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

const schema = JSON.stringify({ ...readJson(join(here, "schema.json")), version }, null, 2);

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
  // Inside, since an executable has no files next to its script.
  define: { SCHEMA: JSON.stringify(schema) },
  metafile: true,
  logLevel: "warning",
});

const executable = "pulumi-resource-atlas-token";
for (const file of [executable, `${executable}.cmd`, "start.js"]) copyFileSync(join(here, file), join(output, file));
chmodSync(join(output, executable), 0o755);
writeFileSync(join(output, "schema.json"), schema);
copyFileSync(join(root, "LICENSE"), join(output, "LICENSE"));
const bundled = packageFolders(Object.keys(metafile.inputs));
writeFileSync(join(output, "THIRD_PARTY_LICENSES"), bundled.map(licenseOf).join(`\n${"-".repeat(80)}\n\n`));
writeFileSync(join(output, "sbom.cdx.json"), JSON.stringify(sbom(bundled.map(component)), null, 2));

/** The folders of the packages that the bundled files belong to. */
function packageFolders(files) {
  return [...new Set(files.map(packageFolder).filter((folder) => folder !== undefined))].sort();
}

function packageFolder(file) {
  const parts = file.split("/");
  const index = parts.lastIndexOf("node_modules");
  if (index === -1) return undefined;
  return parts.slice(0, index + (parts[index + 1].startsWith("@") ? 3 : 2)).join(sep);
}

/** A bill of materials in the format of CycloneDX. */
function sbom(components) {
  const itself = { type: "application", name: executable, version, licenses: [{ expression: license }] };
  return { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: { component: itself }, components };
}

function component(folder) {
  const { name, version, license } = readJson(join(root, folder, "package.json"));
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { type: "library", name, version, purl, licenses: [{ expression: license }] };
}

/** The name and the licenses of a package. Throws if there is none, or if it is not allowed. */
function licenseOf(folder) {
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
