/** Property values as they go over the wire and into the state: JSON, in which marked objects stand for secrets. */
export type Properties = Record<string, unknown>;

/** Stands, whatever the type, for a value that a preview cannot know. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The property in which a dynamic resource carries its provider, as text. */
export const providerKey = "__provider";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";

/** A secret on the wire. In a checkpoint, `ciphertext` or `plaintext` (JSON) stands in the place of `value`. */
interface Secret {
  readonly value?: unknown;
  readonly plaintext?: string;
  readonly ciphertext?: string;
}

interface ResourceReference {
  readonly urn: string;
  readonly id?: string;
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSigned(value: unknown, as: string): boolean {
  return isObject(value) && value[signature] === as;
}

export function isSecret(value: unknown): value is Secret {
  return isSigned(value, secretSignature);
}

function isResourceReference(value: unknown): value is ResourceReference {
  return isSigned(value, resourceSignature);
}

export function secret(value: unknown): Secret {
  return { [signature]: secretSignature, value } as Secret;
}

/** Rebuilds a value with `replace` in the place of each secret. */
function mapSecrets(value: unknown, replace: (secret: Secret) => unknown): unknown {
  if (isSecret(value)) return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapSecrets(item, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapSecrets(item, replace)]));
}

function content(secret: Secret): unknown {
  return secret.plaintext === undefined ? secret.value : (JSON.parse(secret.plaintext) as unknown);
}

export function containsSecret(value: unknown): boolean {
  let found = false;
  mapSecrets(value, () => (found = true));
  return found;
}

/** The same without any marks of secrets. */
export function reveal(properties: Properties): Properties {
  return mapSecrets(properties, (secret) => mapSecrets(content(secret), content)) as Properties;
}

/** The same with the content of each secret hidden, as a state lies on disk. */
export function encrypted<T>(value: T): T {
  return mapSecrets(value, () => ({ [signature]: secretSignature, ciphertext: "v1:hidden" })) as T;
}

/** The same with the content of each secret as JSON, as `pulumi stack export --show-secrets` writes it. */
export function exported<T>(value: T): T {
  return mapSecrets(value, (secret) => ({
    [signature]: secretSignature,
    plaintext: JSON.stringify(content(secret)),
  })) as T;
}

/** Undoes `exported`. */
export function imported<T>(value: T): T {
  return mapSecrets(value, (found) => secret(content(found))) as T;
}

/** What the host of the dynamic providers is sent: it accepts neither secrets nor references to resources. */
export function forHost(properties: Properties): Properties {
  const plain = (value: unknown): unknown => {
    if (isResourceReference(value)) return value.id === undefined ? value.urn : value.id || unknownValue;
    if (Array.isArray(value)) return value.map(plain);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  };
  return plain(reveal(properties)) as Properties;
}

/** Marks again, by name, what the host sent back in plain text: the engine knows no better either. */
export function markSecrets(received: Properties, sent: Properties): Properties {
  const marked = { ...received };
  for (const [key, original] of Object.entries(sent)) {
    const value = marked[key];
    if (value === undefined || isSecret(value)) continue;
    if (isObject(value) && isObject(original) && !isSecret(original)) marked[key] = markSecrets(value, original);
    else if (containsSecret(original)) marked[key] = secret(value);
  }
  return marked;
}
