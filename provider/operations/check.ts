import {
  defaultBaseUrl,
  defaultClientId,
  governmentProblem,
  candidateSecrets,
  configCommand,
  VARIABLES,
  type ConfigSources,
} from "../config";
import type { Context } from "./context";
import { expiredProblem } from "./adopted";
import { SCHEMAS } from "./inputs";
import { DEFAULT_RENEW_BEFORE } from "./never";
import { INPUTS, UNKNOWN, type InputName, type Properties } from "./record";
import { suggest } from "./suggest";

export interface CheckFailure {
  /** The property that is wrong; empty where the engine must not print its value. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: CheckFailure[];
}

/** Checks the inputs one by one and fills in their defaults, all but the secret: that stays where it is configured. */
export function check(olds: Properties, news: Properties, { sources, now }: Context): CheckResult {
  const failures: CheckFailure[] = [];
  const inputs: Record<string, unknown> = {};
  const take = (name: InputName, value: unknown, source?: string): void => {
    if (value === UNKNOWN) {
      inputs[name] = value;
      return;
    }
    const result = SCHEMAS[name].safeParse(value);
    if (result.success) inputs[name] = result.data;
    else {
      const reason = result.error.issues[0]?.message ?? "is not valid";
      failures.push({ property: name, reason: source === undefined ? reason : `${source} ${reason}` });
    }
  };

  for (const [key, value] of Object.entries(news)) {
    if (key === "__provider" || value === undefined || value === null) continue;
    if (isInput(key)) take(key, value);
    else
      failures.push({ property: key, reason: `is not an argument of ServiceAccountToken${suggest(key, ARGUMENTS)}` });
  }

  const given = (name: InputName): boolean => news[name] !== undefined && news[name] !== null;
  if (!given("renewBefore")) inputs["renewBefore"] = DEFAULT_RENEW_BEFORE;
  if (!given("baseUrl")) {
    const { value, source } = defaultBaseUrl(sources);
    const problem = governmentProblem(sources);
    if (problem === undefined) take("baseUrl", value, source);
    else failures.push({ property: "baseUrl", reason: problem });
  }
  if (!given("clientId")) {
    const clientId = defaultClientId(sources);
    if (clientId === undefined) failures.push({ property: "clientId", reason: missingClientId(sources) });
    else inputs["clientId"] = clientId.value;
  }
  const { clientId } = inputs;
  if (!given("clientSecret") && typeof clientId === "string" && clientId !== UNKNOWN) {
    const reason = secretProblem(clientId, sources);
    if (reason !== undefined) failures.push({ property: "clientSecret", reason });
  }
  const { existingToken } = inputs;
  if (typeof existingToken === "string" && existingToken !== olds["existingToken"]) {
    const reason = expiredProblem(existingToken, now());
    if (reason !== undefined) failures.push({ property: "existingToken", reason });
  }
  return { inputs, failures: failures.map((failure) => withoutValue(failure, news[failure.property])) };
}

/**
 * The engine prints the value of a property that a failure names, a secret one too: where the value may be secret, the
 * failure is that of the whole resource, and its reason begins with the property.
 */
function withoutValue({ property, reason }: CheckFailure, value: unknown): CheckFailure {
  const mayBeShown =
    value === undefined ||
    value === null ||
    property === "clientId" ||
    property === "renewBefore" ||
    // The value of a wrong base URL may hold credentials.
    (property === "baseUrl" && typeof value === "string" && !/[@?#]/.test(value));
  return mayBeShown ? { property, reason } : { property: "", reason: `${property} ${reason}` };
}

/** The constructor gives the name: it is no argument. */
const ARGUMENTS = INPUTS.filter((name) => name !== "name");

function isInput(key: string): key is InputName {
  return (INPUTS as readonly string[]).includes(key);
}

function missingClientId(sources: ConfigSources): string {
  return (
    `no service account is configured. Give its client id and secret in one of three places: the inputs clientId and clientSecret; ` +
    `\`${configCommand("clientId", sources)}\` and \`${configCommand("clientSecret", sources)}\`; ` +
    `the environment variables ${VARIABLES.clientId} and ${VARIABLES.clientSecret}`
  );
}

function secretProblem(clientId: string, sources: ConfigSources): string | undefined {
  if (candidateSecrets(clientId, undefined, sources).length > 0) return undefined;
  return (
    `no secret is at hand for client id ${clientId}. Give it in one of three places: the input clientSecret; ` +
    `\`${configCommand("clientSecret", sources)}\`; the environment variable ${VARIABLES.clientSecret}. ` +
    `One that stands beside another client id does not count`
  );
}
