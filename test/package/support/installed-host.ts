import { startProviderHost, type ProviderHost } from "../../support/provider-host";
import type { Project } from "./project";

/** Runs Pulumi's host of dynamic providers as a project has it: its copy of the SDK, its Node.js, its folder. */
export async function withInstalledHost<Result>(
  project: Project,
  config: Readonly<Record<string, string>>,
  use: (host: ProviderHost) => Promise<Result>,
): Promise<Result> {
  const host = await startProviderHost({
    cwd: project.folder,
    node: project.node,
    script: project.resolve("@pulumi/pulumi/cmd/dynamic-provider"),
    env: project.env(),
    project: "program",
  });
  try {
    await host.configure(config);
    return await use(host);
  } finally {
    await host.close();
  }
}
