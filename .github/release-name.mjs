/*
 * Names the repository that this project is released from, wherever its name matters: package.json, schema.json, docs, examples.
 *
 *     npm run release:name -- OWNER/REPOSITORY           writes it; commit the result
 *     npm run release:name -- --check OWNER/REPOSITORY   fails if another name is there
 *
 * Until then they say REPOSITORY_OWNER, which nobody can register at GitHub, so that Pulumi cannot get a plugin from there.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
const [wanted = ""] = positionals;
const { repository } = JSON.parse(readFileSync("package.json", "utf8"));
const current = /github\.com\/(.+)\.git$/.exec(repository.url)[1];

if (!/^[\w-]+\/[\w.-]+$/.test(wanted)) fail("say which repository: npm run release:name -- OWNER/REPOSITORY");
if (values.check) {
  if (wanted !== current)
    fail(`package.json names ${current}: run \`npm run release:name -- ${wanted}\` and commit the result`);
} else {
  const replacements = [
    [current, wanted],
    [javaPackage(current), javaPackage(wanted)],
  ];
  const matching = replacements.flatMap(([text]) => ["-e", text]);
  const files = execFileSync("git", ["grep", "-lIF", ...matching], { encoding: "utf8" })
    .trim()
    .split("\n");
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      replacements.reduce((result, [from, to]) => result.replaceAll(from, to), text),
    );
  }
  console.log(files.join("\n"));
}

/** The name space that Maven Central gives to the owner of a repository at GitHub. */
function javaPackage(name) {
  const [owner] = name.split("/");
  return `io.github.${owner.toLowerCase().replaceAll("-", "_")}`;
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}
