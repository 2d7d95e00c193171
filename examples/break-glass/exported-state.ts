/** What may revoke a token. */
export interface Credentials {
  /** The service account of the secret, if that is known. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}

/** A token as a state holds it. */
export interface StoredToken {
  readonly id: string;
  readonly accessToken: string;
  readonly clientId: string;
  readonly baseUrl: string;
  readonly expiresAt?: Date;
  /** From the arguments of the token, then from the stack's configuration as of the last `up`. */
  readonly credentials: readonly Credentials[];
}

/** A resource of our type that lacks what a revoke needs. */
export interface Unusable {
  readonly id: string;
  readonly missing: string;
}

/** What is wrong with a state as a whole, for the person who passed it. */
export class UnreadableState extends Error {}

const TYPE = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";
/** How an export marks a secret: this key with this value, and beside it the value in plain text or encrypted. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Finds the tokens in what `pulumi stack export --show-secrets` wrote: every one once, those that a failed replacement
 * left behind (`delete: true`) included.
 *
 * @throws UnreadableState if the text is no export, or holds its secrets encrypted
 */
export function readTokens(text: string): (StoredToken | Unusable)[] {
  const seen = new Set<string>();
  const resources = resourcesOf(parse(text));
  return resources
    .filter(({ type }) => type === TYPE)
    .map((resource) => readToken(resource, configurationOf(resource, resources)))
    .filter((token) => {
      if ("missing" in token) return true;
      const key = JSON.stringify([token.baseUrl, token.accessToken]);
      const first = !seen.has(key);
      seen.add(key);
      return first;
    });
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    // Some shells put a byte order mark before what they redirect to a file.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new UnreadableState(
      text.trim() === "" ? "the state is empty: did `pulumi stack export` fail?" : "the state is not JSON",
    );
  }
}

/** Takes the export as Pulumi writes it, or what stands in it under `deployment`. */
function resourcesOf(state: unknown): Json[] {
  const deployment = isObject(state) && isObject(state["deployment"]) ? state["deployment"] : state;
  // An empty stack has no `resources`.
  if (!isObject(deployment) || !("resources" in deployment || "manifest" in deployment)) {
    throw new UnreadableState("the state holds no resources: is it what `pulumi stack export --show-secrets` wrote?");
  }
  return [deployment["resources"] ?? []].flat().filter(isObject);
}

/** Pulumi keeps the stack's configuration with the provider of its dynamic resources. */
function configurationOf({ provider }: Json, resources: readonly Json[]): Credentials {
  const { inputs } = resources.find(({ urn, id }) => `${String(urn)}::${String(id)}` === provider) ?? {};
  const config = isObject(inputs) ? inputs : {};
  return {
    clientId: textOf(config["mongodbatlas:clientId"]),
    clientSecret: textOf(config["mongodbatlas:clientSecret"]),
  };
}

function readToken({ id, outputs }: Json, configuration: Credentials): StoredToken | Unusable {
  const properties = isObject(outputs) ? outputs : {};
  const text = (name: string): string | undefined => textOf(properties[name]);
  const [accessToken, clientId, baseUrl] = [text("accessToken"), text("clientId"), text("baseUrl")];
  const name = typeof id === "string" ? id : "(no id)";
  if (accessToken === undefined) return { id: name, missing: "accessToken" };
  if (clientId === undefined) return { id: name, missing: "clientId" };
  if (baseUrl === undefined) return { id: name, missing: "baseUrl" };
  const expiresAt = new Date(text("expiresAt") ?? NaN);
  return {
    id: name,
    accessToken,
    clientId,
    baseUrl,
    ...(Number.isNaN(expiresAt.getTime()) ? {} : { expiresAt }),
    credentials: [{ clientId, clientSecret: text("clientSecret") }, configuration],
  };
}

function textOf(value: unknown): string | undefined {
  const plain = isObject(value) && value[SECRET_KEY] === SECRET_VALUE ? reveal(value) : value;
  return typeof plain === "string" && plain !== "" ? plain : undefined;
}

function reveal({ plaintext }: Json): unknown {
  if (typeof plaintext === "string") return parse(plaintext);
  throw new UnreadableState(
    "the secrets of the state are encrypted: export it again with `pulumi stack export --show-secrets`",
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
