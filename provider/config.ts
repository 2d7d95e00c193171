import { parseClientId, parseClientSecret } from "./oauth/input/credentials";
import { DEFAULT_BASE_URL, GOVERNMENT_BASE_URL } from "./oauth/input/base-url";

/** The keys of the configuration, without their namespace. */
export type ConfigKey = "clientId" | "clientSecret" | "baseUrl" | "isMongodbgovCloud";

/** Where values come from that the resource's arguments do not give. */
export interface ConfigSources {
  /** The namespace of the configuration: it tells the two forms of the provider apart, and messages name keys by it. */
  readonly namespace: "mongodbatlas" | "atlas-token";
  /** Reads the configuration of the stack or of the provider, by key without namespace. */
  readonly config: (key: ConfigKey) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A value and where it came from, in words for a message. */
export interface ResolvedValue {
  readonly value: string;
  readonly source: string;
}

export const VARIABLES = {
  clientId: "MONGODB_ATLAS_CLIENT_ID",
  clientSecret: "MONGODB_ATLAS_CLIENT_SECRET",
  baseUrl: "MONGODB_ATLAS_BASE_URL",
} as const;

/** The command that stores a value in the stack's configuration, secrets encrypted. */
export function configCommand(key: ConfigKey, { namespace }: ConfigSources): string {
  // Without a value Pulumi asks for it, so that the secret is not in the shell's history.
  return key === "clientSecret"
    ? `pulumi config set --secret ${namespace}:${key}`
    : `pulumi config set ${namespace}:${key} …`;
}

/** Resolves the client ID that the arguments do not give: the configuration, then the environment. */
export function defaultClientId(sources: ConfigSources): ResolvedValue | undefined {
  return fromConfig("clientId", sources) ?? fromEnvironment("clientId", sources);
}

/** Finds a client ID other than this one that a program without the argument would get from the environment. */
export function otherClientIdFromEnvironment(clientId: string, sources: ConfigSources): string | undefined {
  if (fromConfig("clientId", sources) !== undefined) return undefined;
  const parsed = parseClientId(fromEnvironment("clientId", sources)?.value);
  return "problem" in parsed || parsed.value === clientId ? undefined : parsed.value;
}

/** Resolves the base URL that the arguments do not give: the configuration, then the environment, then public Atlas. */
export function defaultBaseUrl(sources: ConfigSources): ResolvedValue {
  const government = fromConfig("isMongodbgovCloud", sources);
  return (
    fromConfig("baseUrl", sources) ??
    (government?.value === "true" ? { ...government, value: GOVERNMENT_BASE_URL } : undefined) ??
    fromEnvironment("baseUrl", sources) ?? { value: DEFAULT_BASE_URL, source: "the default" }
  );
}

/** Says what is wrong with `isMongodbgovCloud`, which decides where credentials are sent. */
export function governmentProblem(sources: ConfigSources): string | undefined {
  const government = fromConfig("isMongodbgovCloud", sources);
  return government === undefined || ["true", "false"].includes(government.value)
    ? undefined
    : `${government.source} must be true or false`;
}

/**
 * Lists the client secrets that are configured for a client ID, the likeliest first, each value once: the argument, the
 * configuration, the environment. A source's secret counts if the client ID paired with it is this one, or if there is none.
 */
export function candidateSecrets(
  clientId: string,
  argument: string | undefined,
  sources: ConfigSources,
): ResolvedValue[] {
  return configuredSecrets(clientId, argument, sources).filter(({ value }) => !("problem" in parseClientSecret(value)));
}

/** Says what is wrong with a secret that is configured for a client ID, without repeating it. */
export function secretProblem(clientId: string, sources: ConfigSources): string | undefined {
  for (const { value, source } of configuredSecrets(clientId, undefined, sources)) {
    const parsed = parseClientSecret(value);
    if ("problem" in parsed) return `${source} ${parsed.problem}`;
  }
  return undefined;
}

function configuredSecrets(clientId: string, argument: string | undefined, sources: ConfigSources): ResolvedValue[] {
  const secrets = [
    nonEmpty(argument, "the argument clientSecret"),
    ...[fromConfig, fromEnvironment].map((from) => {
      const paired = from("clientId", sources);
      return paired === undefined || paired.value === clientId ? from("clientSecret", sources) : undefined;
    }),
  ].filter((secret) => secret !== undefined);
  return secrets.filter(({ value }, index) => secrets.findIndex((other) => other.value === value) === index);
}

function fromConfig(key: ConfigKey, { config, namespace }: ConfigSources): ResolvedValue | undefined {
  const owner = namespace === "mongodbatlas" ? "stack" : "provider";
  return nonEmpty(config(key), `${namespace}:${key} in the ${owner}'s configuration`);
}

function fromEnvironment(key: keyof typeof VARIABLES, { env }: ConfigSources): ResolvedValue | undefined {
  return nonEmpty(env[VARIABLES[key]], `the environment variable ${VARIABLES[key]}`);
}

/** An empty value counts as none, since a pipeline passes an unset variable that way; a file's line break is removed. */
function nonEmpty(value: string | undefined, source: string): ResolvedValue | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === "" ? undefined : { value: trimmed, source };
}
