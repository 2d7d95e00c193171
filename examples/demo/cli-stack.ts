import { execFile } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { Engine } from "./find-engine";
import type { Place, Run, Stack, StoredToken } from "./stack";

const repository = dirname(dirname(__dirname));
const TOKEN_TYPE = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";

/** Opens a stack that the Pulumi CLI runs, with a state and a home folder of its own. */
export async function openCliStack(engine: Engine, { folder, env, config }: Place): Promise<Stack> {
  const program = join(folder, "program");
  const [packages, backend] = [join(program, "node_modules"), join(folder, "backend")];
  for (const path of [packages, backend]) await mkdir(path, { recursive: true });
  await symlink(join(repository, "node_modules", "@pulumi"), join(packages, "@pulumi"), "junction");
  await symlink(repository, join(packages, "pulumi-atlas-token"), "junction");
  await copyFile(join(repository, "examples", "quickstart", "index.ts"), join(program, "index.ts"));
  await writeFile(join(program, "Pulumi.yaml"), "name: quickstart\nruntime: nodejs\n");
  await writeFile(join(program, "package.json"), "{}");

  const variables = {
    PATH: `${dirname(engine.command)}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: process.env["HOME"],
    USERPROFILE: process.env["USERPROFILE"],
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "demo",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    ...env,
  };
  const pulumi = (args: readonly string[], more: Place["env"] = {}): Promise<Run> =>
    new Promise((resolve) => {
      const all = [...args, "--non-interactive", "--color", "never"];
      execFile(engine.command, all, { cwd: program, env: { ...variables, ...more } }, (error, stdout, stderr) => {
        resolve({ succeeded: error === null, output: stdout + stderr });
      });
    });

  const [id, secret] = ["mongodbatlas:clientId", "mongodbatlas:clientSecret"] as const;
  const setUp = [
    ["stack", "init", "demo"],
    ["config", "set-all", "--plaintext", `${id}=${config[id]}`, "--secret", `${secret}=${config[secret]}`],
  ];
  for (const args of setUp) {
    const { succeeded, output } = await pulumi(args);
    if (!succeeded) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${output}`);
  }
  return {
    up: () => pulumi(["up", "--yes", "--skip-preview"]),
    preview: () => pulumi(["preview"]),
    destroy: (more) => pulumi(["destroy", "--yes", "--skip-preview"], more),
    async tokens() {
      const { output } = await pulumi(["stack", "export", "--show-secrets"]);
      const { deployment } = JSON.parse(output) as {
        deployment: { resources?: { type: string; outputs: Record<string, unknown> }[] };
      };
      return (deployment.resources ?? [])
        .filter(({ type }) => type === TOKEN_TYPE)
        .map(({ outputs }) => stored(outputs));
    },
  };
}

function stored({ accessToken, expiresAt }: Record<string, unknown>): StoredToken {
  const { plaintext } = accessToken as { plaintext: string };
  return { accessToken: JSON.parse(plaintext) as string, expiresAt: String(expiresAt) };
}
