/*
 * Packs dist/plugin into archives with the names that Pulumi expects of a release, in dist-plugin:
 *
 *     npm run plugin:pack [-- --download-url github://api.github.com/OWNER/REPOSITORY]
 *
 * With a download URL in its schema, the SDKs and the engine install the plugin by themselves. Without one it is installed
 * from a file: `pulumi plugin install resource atlas-token VERSION --file ARCHIVE`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const output = join(root, "dist-plugin");
const platforms = ["linux", "darwin", "windows"].flatMap((os) => ["amd64", "arm64"].map((arch) => `${os}-${arch}`));
const { values } = parseArgs({ options: { "download-url": { type: "string" } } });

const folder = mkdtempSync(join(tmpdir(), "pulumi-atlas-token-"));
try {
  cpSync(join(root, "dist", "plugin"), folder, { recursive: true });
  const schema = JSON.parse(readFileSync(join(folder, "schema.json"), "utf8"));
  if (values["download-url"] !== undefined) schema.pluginDownloadURL = values["download-url"];
  writeFileSync(join(folder, "schema.json"), JSON.stringify(schema, null, 2));

  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  const names = platforms.map((platform) => `pulumi-resource-atlas-token-v${schema.version}-${platform}.tar.gz`);
  // The content is the same on every platform, since it is JavaScript.
  execFileSync("tar", ["-czf", names[0], "-C", folder, ...readdirSync(folder)], { cwd: output });
  for (const name of names.slice(1)) cpSync(join(output, names[0]), join(output, name));
  const digest = createHash("sha256")
    .update(readFileSync(join(output, names[0])))
    .digest("hex");
  writeFileSync(join(output, "SHA256SUMS"), names.map((name) => `${digest}  ${name}\n`).join(""));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
