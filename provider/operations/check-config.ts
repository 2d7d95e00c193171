import type { CheckFailure } from "./check";
import { printable } from "../oauth/failure/printable";
import { ARGUMENTS, UNKNOWN } from "./arguments";
import type { Properties } from "./record";
import { suggest } from "./suggest";

const NAMES = ["clientId", "clientSecret", "baseUrl", "isMongodbgovCloud"] as const;

/** Checks the configuration of a provider instance. No failure repeats a value, which may be secret. */
export function checkConfig(config: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (name: string, reason: string): void => {
    // The engine prints the value of a property that a failure names.
    failures.push({ property: "", reason: `${name} ${reason}` });
  };
  for (const [name, value] of Object.entries(config)) {
    // An empty value counts as not set: that is how a pipeline passes a variable that does not exist.
    if (value === undefined || value === null || value === "" || value === UNKNOWN) continue;
    if (name === "isMongodbgovCloud") {
      if (typeof value !== "boolean" && value !== "true" && value !== "false") refuse(name, "must be true or false");
    } else if (name === "clientId" || name === "clientSecret" || name === "baseUrl") {
      const parsed = ARGUMENTS[name].parse(value);
      if ("problem" in parsed) refuse(name, parsed.problem);
    } else {
      // Names that resemble none of ours may be the engine's own, such as `version`.
      const suggestion = suggest(name, NAMES);
      if (suggestion !== "") failures.push({ property: "", reason: printable(`unknown setting ${name}${suggestion}`) });
    }
  }
  return failures;
}
