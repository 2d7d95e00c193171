/** Credentials that may revoke a token. */
export interface Credentials {
  /** The service account that the secret belongs to, if it is known. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}

/** A token in the state, with everything that revoking it needs. */
export interface StoredToken {
  readonly id: string;
  readonly accessToken: string;
  readonly clientId: string;
  readonly baseUrl: string;
  readonly expiresAt?: Date;
  /** From the arguments of the token, then from the stack's configuration as of the last `up`. */
  readonly credentials: readonly Credentials[];
}

/** A token in the state that lacks something that revoking it needs. */
export interface IncompleteToken {
  readonly id: string;
  readonly missing: string;
}

/** The state as a whole cannot be read; the message says why. */
export class UnreadableState extends Error {}

/** The type of the resource in Node.js programs and in all others, with the prefix of its configuration. */
const TYPES: Readonly<Record<string, { readonly configPrefix: string }>> = {
  "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken": { configPrefix: "mongodbatlas:" },
  "atlas-token:index:ServiceAccountToken": { configPrefix: "" },
};

/** An exported state marks a secret with this key and value, next to its plain text or its ciphertext. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Decodes what a shell redirected into a file. PowerShell 5 writes UTF-16 with a byte order mark.
 *
 * @throws UnreadableState if the bytes are not text
 */
export function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const utf16 =
    (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
      ? "utf-16le"
      : (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
        ? "utf-16be"
        : undefined;
  try {
    // Removes the byte order mark.
    return new TextDecoder(utf16 ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableState("the state is not text in UTF-8 or UTF-16");
  }
}

/**
 * Finds the tokens in the output of `pulumi stack export --show-secrets`, each of them once, including those that a
 * failed replacement left behind (`delete: true`).
 *
 * @throws UnreadableState if the text is not an exported state, or if its secrets are encrypted
 */
export function readTokens(text: string): (StoredToken | IncompleteToken)[] {
  const resources = resourcesOf(parse(text));
  const tokens = resources.flatMap((resource) => {
    const type = TYPES[String(resource["type"])];
    return type === undefined ? [] : [readToken(resource, configurationOf(resource, resources, type.configPrefix))];
  });
  const seen = new Set<string>();
  return tokens.filter((token) => {
    if ("missing" in token) return true;
    const key = JSON.stringify([token.baseUrl, token.accessToken]);
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  if (text.trim() === "") throw new UnreadableState("the state is empty; check whether `pulumi stack export` failed");
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableState("the state is not valid JSON");
  }
}

/** Accepts an export as Pulumi writes it, and also its `deployment` alone. */
function resourcesOf(state: unknown): Json[] {
  const deployment = isObject(state) && isObject(state["deployment"]) ? state["deployment"] : state;
  // An empty stack has no `resources`.
  if (!isObject(deployment) || !("resources" in deployment || "manifest" in deployment)) {
    throw new UnreadableState("this is not a Pulumi state; pass the output of `pulumi stack export --show-secrets`");
  }
  return [deployment["resources"] ?? []].flat().filter(isObject);
}

/** Pulumi keeps the stack's configuration in the inputs of the provider that a resource refers to. */
function configurationOf({ provider }: Json, resources: readonly Json[], prefix: string): Credentials {
  const { inputs } = resources.find(({ urn, id }) => `${String(urn)}::${String(id)}` === provider) ?? {};
  const config = isObject(inputs) ? inputs : {};
  return {
    clientId: nonEmptyString(config[`${prefix}clientId`]),
    clientSecret: nonEmptyString(config[`${prefix}clientSecret`]),
  };
}

function readToken({ id, outputs }: Json, configuration: Credentials): StoredToken | IncompleteToken {
  const properties = isObject(outputs) ? outputs : {};
  const property = (name: string): string | undefined => nonEmptyString(properties[name]);
  const [accessToken, clientId, baseUrl] = [property("accessToken"), property("clientId"), property("baseUrl")];
  const name = typeof id === "string" ? id : "(no ID)";
  if (accessToken === undefined) return { id: name, missing: "accessToken" };
  if (clientId === undefined) return { id: name, missing: "clientId" };
  if (baseUrl === undefined) return { id: name, missing: "baseUrl" };
  const expiresAt = parseTime(property("expiresAt"));
  return {
    id: name,
    accessToken,
    clientId,
    baseUrl,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    credentials: [{ clientId, clientSecret: property("clientSecret") }, configuration],
  };
}

/** `new Date` alone reads a time from almost any text, mostly one long past: the token would count as expired. */
function parseTime(text = ""): Date | undefined {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const [time, midnight] = [new Date(text), new Date(`${day}T00:00:00Z`)];
  if (Number.isNaN(time.getTime()) || Number.isNaN(midnight.getTime())) return undefined;
  // `new Date` turns February 30 into March 2.
  return midnight.toISOString().startsWith(day) ? time : undefined;
}

function nonEmptyString(value: unknown): string | undefined {
  const plain = isObject(value) && value[SECRET_KEY] === SECRET_VALUE ? decrypted(value) : value;
  return typeof plain === "string" && plain !== "" ? plain : undefined;
}

function decrypted({ plaintext }: Json): unknown {
  if (typeof plaintext === "string") return parse(plaintext);
  throw new UnreadableState(
    "the secrets in the state are encrypted; export it again with `pulumi stack export --show-secrets`",
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
