import {
  candidateSecrets,
  defaultBaseUrl,
  defaultClientId,
  governmentProblem,
  secretProblem,
  type ConfigSources,
} from "../config";
import { printable } from "../oauth/failure/printable";
import { ARGUMENT_NAMES, ARGUMENTS, DEFAULT_RENEW_BEFORE, isArgument, UNKNOWN, type ArgumentName } from "./arguments";
import type { Context } from "./context";
import { setMissingSecret, whereToSet } from "./messages";
import { readRecord, type Properties } from "./record";
import { adoptionProblem } from "./renewal";
import { suggest } from "./suggest";

export interface CheckFailure {
  /** The property that is wrong; empty if the engine must not print its value. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: CheckFailure[];
}

/** Checks the arguments of a resource, and notes what this run is going to create and which client secrets it was given. */
export function check(olds: Properties, news: Properties, context: Context): CheckResult {
  const { runState } = context;
  const result = checkArguments(olds, news, context);
  const { clientSecret, ...account } = readRecord(result.inputs);
  if (clientSecret !== undefined && clientSecret !== UNKNOWN) runState.secrets.note(account, clientSecret);
  // The engine passes no old inputs if it is going to create the resource.
  if (Object.keys(olds).length === 0 && typeof news["name"] === "string") runState.planCreate(news["name"]);
  return result;
}

/** Checks each argument and fills in the defaults, except for the client secret, which stays where it is configured. */
export function checkArguments(olds: Properties, news: Properties, { sources, now }: Context): CheckResult {
  const failures: CheckFailure[] = [];
  const inputs: Record<string, unknown> = {};
  const fail = (property: string, reason: string): void => {
    failures.push(
      mayBeShown(property, news[property]) ? { property, reason } : { property: "", reason: `${property} ${reason}` },
    );
  };
  const take = (name: ArgumentName, value: unknown, source?: string): void => {
    const parsed = value === UNKNOWN ? { value } : ARGUMENTS[name].parse(value);
    if ("value" in parsed) inputs[name] = parsed.value;
    else fail(name, source === undefined ? parsed.problem : `${source} ${parsed.problem}`);
  };

  for (const [key, value] of Object.entries(news)) {
    if (key === "__provider" || value === undefined || value === null) continue;
    if (key === "name") inputs[key] = value;
    else if (isArgument(key)) take(key, value);
    else failures.push({ property: "", reason: printable(`unknown argument ${key}${suggest(key, ARGUMENT_NAMES)}`) });
  }

  const given = (name: ArgumentName): boolean => news[name] !== undefined && news[name] !== null;
  if (!given("renewBefore")) inputs["renewBefore"] = DEFAULT_RENEW_BEFORE;
  if (!given("baseUrl")) {
    const { value, source } = defaultBaseUrl(sources);
    const problem = governmentProblem(sources);
    if (problem === undefined) take("baseUrl", value, source);
    else fail("baseUrl", problem);
  }
  if (!given("clientId")) {
    const clientId = defaultClientId(sources);
    if (clientId === undefined) fail("clientId", missingServiceAccount(sources));
    else take("clientId", clientId.value, clientId.source);
  }
  const { clientId, existingToken } = inputs;
  if (!given("clientSecret") && typeof clientId === "string" && clientId !== UNKNOWN) {
    const problem = secretProblem(clientId, sources) ?? unconfiguredSecret(clientId, sources);
    if (problem !== undefined) fail("clientSecret", problem);
  }
  if (typeof existingToken === "string" && existingToken !== olds["existingToken"]) {
    const problem = adoptionProblem(existingToken, now());
    if (problem !== undefined) fail("existingToken", problem);
  }
  return { inputs, failures };
}

/** The engine prints the value of the property that a failure names, even if it is a secret. */
function mayBeShown(property: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (property !== "baseUrl" && property !== "renewBefore") return false;
  // A malformed base URL may contain credentials.
  return typeof value === "string" && !/[@?#]|mdb_sa_sk_/.test(value);
}

function missingServiceAccount(sources: ConfigSources): string {
  return (
    `no service account is configured. Set its client ID with ${whereToSet("clientId", sources)}. ` +
    `Set its client secret with ${whereToSet("clientSecret", sources)}.`
  );
}

function unconfiguredSecret(clientId: string, sources: ConfigSources): string | undefined {
  return candidateSecrets(clientId, undefined, sources).length > 0 ? undefined : setMissingSecret(clientId, sources);
}
