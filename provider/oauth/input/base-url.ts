import type { Parsed } from "./credentials";

/** The public Atlas. */
export const DEFAULT_BASE_URL = "https://cloud.mongodb.com";
/** Atlas for Government. */
export const GOVERNMENT_BASE_URL = "https://cloud.mongodbgov.com";

/** Reads a base URL as an origin, or says what is wrong with it without repeating it, since it may hold credentials. */
export function parseBaseUrl(value: unknown): Parsed {
  const text = typeof value === "string" ? value.trim() : "";
  const url = parseUrl(text);
  if (url === undefined) return { problem: `must be a URL such as ${DEFAULT_BASE_URL}` };
  if (url.username !== "" || url.password !== "") return { problem: "must not contain credentials" };
  if (url.protocol !== "https:" && url.protocol !== "http:") return { problem: "must start with https://" };
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return { problem: "must use https (http is allowed only on localhost)" };
  }
  // `search` and `hash` are empty for a lone `?` or `#`.
  if (/[?#]/.test(text)) return { problem: "must not contain a query or a fragment" };
  if (url.pathname !== "/") return { problem: "must not contain a path" };
  return { value: url.origin };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Parses a URL; undefined if it is not one. `URL.canParse` is no help: on Node.js 20 and 22 it rejects a name that is not
 * ASCII once it has been called a few thousand times.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
