import { resourcesOf, stackOutputsOf, checkpointResources, type CheckpointResource } from "./checkpoint";
import { run, type RunInput } from "./mini-engine/run";
import { projectName } from "./names";
import type { Deployment, Run, Stack } from "./stack";
import { encrypted, exported, imported, secret } from "./values";
import { linkPackages, makeTempDir, removeTempDir } from "./work-dir";

/** Opens a stack that a miniature of the engine runs, with Pulumi's own host of dynamic providers. */
export async function openHostStack(): Promise<Stack> {
  const folder = await makeTempDir();
  await linkPackages(folder);
  const env: Record<string, string> = {};
  const config: Record<string, { value: string; secret: boolean }> = {};
  let resources: CheckpointResource[] = [];

  const operate = async (input: Pick<RunInput, "kind" | "program" | "options">): Promise<Run> => {
    const done = await run({ ...input, resources, folder, env, config: configOf(config) });
    if (input.kind === "preview") return { ...done.run, outputs: stackOutputsOf(deploymentOf(resources)) };
    resources = done.resources;
    return done.run;
  };

  return {
    folder,
    env,
    setConfig(key, value, { secret = false } = {}) {
      config[key.includes(":") ? key : `${projectName}:${key}`] = { value, secret };
      return Promise.resolve();
    },
    up: (program, options = {}) => operate({ kind: "update", program, options }),
    preview: (program, options = {}) => operate({ kind: "preview", program, options }),
    refresh: (options = {}) => operate({ kind: "refresh", options }),
    destroy: ({ program, ...options } = {}) => operate({ kind: "destroy", ...(program ? { program } : {}), options }),
    state: () => Promise.resolve(resourcesOf(deploymentOf(resources))),
    exportText: () => Promise.resolve(JSON.stringify(encrypted({ config: settingsOf(config), resources }), null, 2)),
    exportState: () => Promise.resolve(exported(deploymentOf(resources))),
    importState(deployment) {
      resources = structuredClone(imported([...checkpointResources(deployment)]));
      return Promise.resolve();
    },
    close: () => removeTempDir(folder),
  };
}

function deploymentOf(resources: readonly CheckpointResource[]): Deployment {
  return { version: 3, deployment: { resources } };
}

type Settings = Readonly<Record<string, { readonly value: string; readonly secret: boolean }>>;

function configOf(settings: Settings): RunInput["config"] {
  const entries = Object.entries(settings);
  return {
    values: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    secretKeys: entries.filter(([, setting]) => setting.secret).map(([key]) => key),
  };
}

function settingsOf(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, { value, secret: hidden }]) => [key, hidden ? secret(value) : value]),
  );
}
