import { ARGUMENT_NAMES, ARGUMENTS, isArgument, type ArgumentName } from "./arguments";
import { parseClientId } from "../oauth/input/credentials";

/** Properties as they are sent by the engine. */
export type Properties = Readonly<Record<string, unknown>>;

/** What the state contains about a token; of the arguments, those that are no objects. A state that was edited may lack any of it. */
export interface TokenRecord extends Scalars {
  readonly name?: string;
  readonly accessToken?: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt?: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Issued, but neither usable nor revoked. */
  readonly incomplete: boolean;
  /** A refresh found that Atlas does not accept the token any more. */
  readonly revokedElsewhere: boolean;
}

type Scalars = {
  readonly [Name in ArgumentName as (typeof ARGUMENTS)[Name]["type"] extends "object" ? never : Name]?: TypeOf<
    (typeof ARGUMENTS)[Name]["type"]
  >;
};
type TypeOf<Type> = Type extends "string" ? string : boolean;

const FLAGS = ["incomplete", "revokedElsewhere"] as const;

/** `Date.parse` alone makes a time of almost any text with a digit in it, and most of them are long past. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads the properties of a token and leaves out what is not valid. */
export function readRecord(properties: Properties): TokenRecord {
  const record: Record<string, unknown> = {};
  for (const key of FLAGS) record[key] = properties[key] === true;
  for (const key of ["name", "accessToken", ...ARGUMENT_NAMES]) {
    const value = properties[key];
    const type = isArgument(key) ? ARGUMENTS[key].type : "string";
    if (type !== "object" && typeof value === type && value !== "") record[key] = value;
  }
  // A client secret in its place must not get into a message.
  if ("problem" in parseClientId(record["clientId"])) delete record["clientId"];
  for (const key of ["issuedAt", "expiresAt"] as const) {
    const value = properties[key];
    const time = typeof value === "string" && RFC_3339.test(value) ? Date.parse(value) : NaN;
    if (!Number.isNaN(time)) record[key] = time;
  }
  return record as unknown as TokenRecord;
}

/**
 * The arguments as they apply to a token that exists, which no update can move: its origin and client ID are those of its
 * issue or adoption, and another client ID's secret is not its own.
 */
export function argumentsOfToken(olds: Properties, news: Properties): Properties {
  const { clientId, baseUrl } = readRecord(olds);
  const { clientSecret, ...others } = news;
  const secret = clientId === undefined || clientId === news["clientId"] ? clientSecret : olds["clientSecret"];
  return {
    ...others,
    ...(clientId === undefined ? {} : { clientId }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(secret === undefined ? {} : { clientSecret: secret }),
  };
}

/** The outputs of a token. A property without a value is left out: an undefined one would fail after the token was issued. */
export function outputs(
  inputs: Properties,
  accessToken: string,
  { issuedAt, expiresAt }: { readonly issuedAt?: number; readonly expiresAt?: number },
): Properties {
  return {
    ...Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)),
    accessToken,
    tokenType: "Bearer",
    ...(issuedAt === undefined ? {} : { issuedAt: formatTime(issuedAt) }),
    ...(expiresAt === undefined ? {} : { expiresAt: formatTime(expiresAt) }),
  };
}

/** Formats a time as RFC 3339 in UTC, in whole seconds. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
