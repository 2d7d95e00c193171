import { startProviderHost, type ProviderHost } from "../provider-host";
import { projectName } from "../names";

export type Config = Readonly<Record<string, string>>;

/** The host processes of one operation: one, unless the stack's configuration changed under it. */
export class Hosts {
  private readonly started = new Map<string, Promise<ProviderHost>>();

  constructor(
    private readonly cwd: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  get(config: Config): Promise<ProviderHost> {
    const key = JSON.stringify(config);
    const host = this.started.get(key) ?? this.start(config);
    this.started.set(key, host);
    return host;
  }

  /** Ends them, and tells all that they printed. */
  async close(): Promise<string> {
    const printed = [...this.started.values()].map(async (starting) => {
      const host = await starting;
      await host.close();
      return host.stdout + host.stderr;
    });
    return (await Promise.all(printed)).join("");
  }

  private async start(config: Config): Promise<ProviderHost> {
    const host = await startProviderHost({ cwd: this.cwd, env: this.env, project: projectName });
    await host.configure(config);
    return host;
  }
}
