import { isDeepStrictEqual } from "node:util";

/** What stands for a value that is not known yet, whatever its type, in the inputs of a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A bag of properties as it comes over the wire. */
export type Properties = Readonly<Record<string, unknown>>;

/** The inputs of the resource, by their names in the state. */
export const INPUTS = [
  "name",
  "clientId",
  "clientSecret",
  "baseUrl",
  "renewBefore",
  "keepers",
  "existingToken",
] as const;
export type InputName = (typeof INPUTS)[number];

/** What the state holds of a token: its inputs and what came of them. Anything may be missing from an edited state. */
export interface TokenRecord {
  readonly name?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly baseUrl?: string;
  readonly renewBefore?: string;
  readonly existingToken?: string;
  readonly accessToken?: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt?: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Issued, but neither usable nor revoked. */
  readonly incomplete: boolean;
}

/** `Date.parse` alone makes a time of almost any text with a digit in it, and one long past of most. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads what the state holds, leaving out what makes no sense. */
export function readRecord(properties: Properties): TokenRecord {
  const texts = ["name", "clientId", "clientSecret", "baseUrl", "renewBefore", "existingToken", "accessToken"] as const;
  const record: Record<string, unknown> = { incomplete: properties["incomplete"] === true };
  for (const key of texts) {
    const value = properties[key];
    if (typeof value === "string" && value !== "") record[key] = value;
  }
  for (const key of ["issuedAt", "expiresAt"] as const) {
    const value = properties[key];
    const time = typeof value === "string" && RFC_3339.test(value) ? Date.parse(value) : NaN;
    if (!Number.isNaN(time)) record[key] = time;
  }
  return record as unknown as TokenRecord;
}

/** Whether two values of an input mean the same; absent and empty keepers do. */
export function sameInput(name: InputName, a: unknown, b: unknown): boolean {
  const empty = name === "keepers" ? {} : undefined;
  return isDeepStrictEqual(a ?? empty, b ?? empty);
}

/** The inputs whose change counts: an alias changes the name without changing the token. */
export function changedInputs(olds: Properties, news: Properties): InputName[] {
  return INPUTS.filter((name) => name !== "name" && !sameInput(name, olds[name], news[name]));
}

/** Writes a moment as RFC 3339, UTC, in whole seconds. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
