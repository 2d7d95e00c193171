import { DEFAULT_BASE_URL, GOVERNMENT_BASE_URL } from "./oauth/base-url";

/** Where settings come from beside the inputs. */
export interface ConfigSources {
  /** The stack's configuration, by key with its namespace. */
  readonly config: (key: string) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A value and where it came from, in words for a message. */
export interface ResolvedValue {
  readonly value: string;
  readonly source: string;
}

export const KEYS = {
  clientId: "mongodbatlas:clientId",
  clientSecret: "mongodbatlas:clientSecret",
  baseUrl: "mongodbatlas:baseUrl",
  government: "mongodbatlas:isMongodbgovCloud",
} as const;

export const VARIABLES = {
  clientId: "MONGODB_ATLAS_CLIENT_ID",
  clientSecret: "MONGODB_ATLAS_CLIENT_SECRET",
  baseUrl: "MONGODB_ATLAS_BASE_URL",
} as const;

/** The client id where the input is absent: config, then environment. */
export function defaultClientId(surroundings: ConfigSources): ResolvedValue | undefined {
  return fromConfig(KEYS.clientId, surroundings) ?? fromEnvironment(VARIABLES.clientId, surroundings);
}

/** A client id other than this one, which the environment gives to a program that has no input for it. */
export function otherClientIdByEnvironment(clientId: string, surroundings: ConfigSources): string | undefined {
  if (fromConfig(KEYS.clientId, surroundings) !== undefined) return undefined;
  const named = fromEnvironment(VARIABLES.clientId, surroundings)?.value;
  return named === clientId ? undefined : named;
}

/** The base URL where the input is absent: config, then Atlas for Government by config, environment, the public Atlas. */
export function defaultBaseUrl(surroundings: ConfigSources): ResolvedValue {
  const government = fromConfig(KEYS.government, surroundings);
  return (
    fromConfig(KEYS.baseUrl, surroundings) ??
    (government?.value === "true" ? { ...government, value: GOVERNMENT_BASE_URL } : undefined) ??
    fromEnvironment(VARIABLES.baseUrl, surroundings) ?? { value: DEFAULT_BASE_URL, source: "the default" }
  );
}

/** What is wrong with `mongodbatlas:isMongodbgovCloud`, which decides where credentials are sent. */
export function governmentProblem({ config }: ConfigSources): string | undefined {
  const value = config(KEYS.government) ?? "";
  return ["", "true", "false"].includes(value) ? undefined : `config ${KEYS.government} must be true or false`;
}

/**
 * The secrets at hand for a client id, the likeliest first, each value once: the input, config, environment. That of a
 * source counts if the client id beside it is this one, or if there is none beside it.
 */
export function candidateSecrets(
  clientId: string,
  input: string | undefined,
  surroundings: ConfigSources,
): ResolvedValue[] {
  const secrets = [
    nonEmpty(input, "the input clientSecret"),
    forClient(clientId, fromConfig(KEYS.clientId, surroundings), fromConfig(KEYS.clientSecret, surroundings)),
    forClient(
      clientId,
      fromEnvironment(VARIABLES.clientId, surroundings),
      fromEnvironment(VARIABLES.clientSecret, surroundings),
    ),
  ].filter((secret) => secret !== undefined);
  return secrets.filter(({ value }, index) => secrets.findIndex((other) => other.value === value) === index);
}

function forClient(
  clientId: string,
  id: ResolvedValue | undefined,
  secret: ResolvedValue | undefined,
): ResolvedValue | undefined {
  return id === undefined || id.value === clientId ? secret : undefined;
}

function fromConfig(key: string, { config }: ConfigSources): ResolvedValue | undefined {
  return nonEmpty(config(key), `config ${key}`);
}

function fromEnvironment(name: string, { env }: ConfigSources): ResolvedValue | undefined {
  return nonEmpty(env[name], `the environment variable ${name}`);
}

/** An empty value is none: that is how a pipeline passes a variable that is not set. */
function nonEmpty(value: string | undefined, source: string): ResolvedValue | undefined {
  return value === undefined || value === "" ? undefined : { value, source };
}
