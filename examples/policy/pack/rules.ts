/** The type of a token, in the dynamic form and in the packaged one. */
const TOKEN_TYPES = ["pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken", "atlas-token:index:ServiceAccountToken"];

/** What a policy sees of a resource. */
export interface SeenResource {
  readonly type: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/**
 * Says what is wrong with a token of a production stack.
 *
 * @param production the names of the production stacks
 * @returns the violation, or undefined if there is none
 */
export function expiredTokenViolation(
  { type, urn, props }: SeenResource,
  production: readonly string[],
): string | undefined {
  if (!TOKEN_TYPES.includes(type)) return undefined;
  // A URN begins with "urn:pulumi:STACK::".
  const stack = urn.split("::")[0]?.split(":")[2] ?? "";
  if (!production.includes(stack) || props["renewBefore"] !== "never") return undefined;
  return `Stack ${stack} keeps an expired token. Set renewBefore to a duration such as 10m.`;
}
