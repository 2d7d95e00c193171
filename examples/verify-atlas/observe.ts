import { TOKEN, type Step } from "./steps";

export interface Account {
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What one step of the verification saw: a response of the real Atlas, without anything secret. */
export interface Observed {
  /** Absent if there was no response. */
  readonly status?: number;
  /** The code of the error if there was no response. */
  readonly error?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON object, any other text, or `null` for no body. */
  readonly body: Readonly<Record<string, unknown>> | string | null;
  readonly indented: boolean;
}

const TIMEOUT = 30_000;
const LONGEST_TEXT = 200;

/** The headers that say something about the contract; the others may identify an account or a session. */
const HEADERS = [
  "content-type",
  "content-length",
  "date",
  "location",
  "retry-after",
  "ratelimit-limit",
  "ratelimit-remaining",
  "server",
  "www-authenticate",
  "x-mongodb-service-version",
];

/** Sends one request, without retries and redirects. Returns the issued token separately from what may be shown. */
export async function observe(
  step: Step,
  account: Account,
  token: string,
): Promise<{ readonly observed: Observed; readonly accessToken?: string }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(step.path, account.origin), {
      method: step.method,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
      headers: {
        accept: step.method === "GET" ? "application/vnd.atlas.2023-01-01+json" : "application/json",
        authorization: authorizationOf(step, account, token),
      },
      ...(step.form && { body: new URLSearchParams(withToken(step.form, token)) }),
    });
    text = await response.text();
  } catch (error) {
    return { observed: { error: codeOf(error), headers: {}, body: null, indented: false } };
  }

  const parsed = parseObject(text);
  const issued = parsed?.["access_token"];
  const accessToken = typeof issued === "string" && issued !== "" ? issued : undefined;
  const secrets = [account.clientSecret, token, accessToken ?? "", basic(account.clientId, account.clientSecret)];
  const sanitized = (value: string): string => sanitize(value, secrets, account.clientId);
  const headers = HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, sanitized(value).replace(/nonce="[^"]*"/, 'nonce="…"')] as const];
  });
  const observed = {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: describeBody(step, text, parsed, sanitized),
    indented: text.trim().includes("\n"),
  };
  return { observed, ...(accessToken !== undefined && { accessToken }) };
}

function authorizationOf(step: Step, { clientId, clientSecret }: Account, token: string): string {
  if (step.authorization === "token") return `Bearer ${token}`;
  return `Basic ${basic(clientId, step.authorization === "secret" ? clientSecret : "mdb_sa_sk_a-wrong-secret")}`;
}

/** RFC 6749 section 2.3.1. */
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
  return Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString("base64");
}

function withToken(form: Readonly<Record<string, string>>, token: string): Record<string, string> {
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, value === TOKEN ? token : value]));
}

function codeOf(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : name;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function describeBody(
  step: Step,
  text: string,
  parsed: Record<string, unknown> | undefined,
  sanitized: (value: string) => string,
): Observed["body"] {
  if (text === "") return null;
  if (parsed === undefined) return sanitized(text);
  const isFailure = "error" in parsed;
  const entries = Object.entries(parsed).map(([name, value]) => {
    if (name === "access_token") return [name, describeToken(value)];
    // The status of Atlas lists the organizations and roles of the service account.
    if (step.method === "GET" && !isFailure) return [sanitized(name), `(${typeof value})`];
    return [sanitized(name), typeof value === "number" ? value : sanitized(asText(value))];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** What matters for handling a token: its form, its length and the names of its claims. */
function describeToken(value: unknown): string {
  if (typeof value !== "string") return `(${typeof value})`;
  const parts = value.split(".");
  if (parts.length !== 3) return `(not a JWT, ${value.length} characters)`;
  const claims = parseObject(Buffer.from(parts[1] ?? "", "base64url").toString()) ?? {};
  const { iat, exp } = claims;
  const lifetime = typeof iat === "number" && typeof exp === "number" ? `, exp - iat = ${exp - iat} s` : "";
  const names = Object.keys(claims).filter((name) => /^\w{1,30}$/.test(name));
  return `(a JWT of ${value.length} characters; claims ${names.join(", ")}${lifetime})`;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Drops a text that contains a part of a secret, and replaces the client ID. */
function sanitize(text: string, secrets: readonly string[], clientId: string): string {
  const printable = text.replace(/\p{C}+/gu, " ").replaceAll(clientId, "(client ID)");
  if (secrets.some((secret) => sharesPart(printable, secret))) return "(removed, contains a part of a secret)";
  return printable.length > LONGEST_TEXT ? `${printable.slice(0, LONGEST_TEXT)}…` : printable;
}

const PART = 12;

function sharesPart(text: string, secret: string): boolean {
  if (secret === "") return false;
  if (secret.length <= PART) return text.includes(secret);
  return Array.from({ length: secret.length - PART + 1 }, (_, start) => secret.slice(start, start + PART)).some(
    (part) => text.includes(part),
  );
}
