/** Where Atlas answers, unless a base URL says otherwise. */
export const DEFAULT_BASE_URL = "https://cloud.mongodb.com";
/** Where Atlas for Government answers. */
export const GOVERNMENT_BASE_URL = "https://cloud.mongodbgov.com";

/** Reads a base URL as an origin, or says what is wrong with it without repeating it: it may hold credentials. */
export function parseBaseUrl(text: string): { readonly origin: string } | { readonly problem: string } {
  const url = parseUrl(text);
  if (url === undefined) return { problem: `must be a URL such as ${DEFAULT_BASE_URL}` };
  if (url.username !== "" || url.password !== "") return { problem: "must not contain credentials" };
  if (url.protocol !== "https:" && url.protocol !== "http:") return { problem: "must start with https://" };
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return { problem: "must use https: plain http would show the credentials to the network" };
  }
  // `search` and `hash` are empty for a lone `?` or `#`.
  if (/[?#]/.test(text)) return { problem: "must not contain a query or a fragment" };
  if (url.pathname !== "/") return { problem: "must not contain a path" };
  return { origin: url.origin };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Reads a URL; undefined where it is none. `URL.canParse` would do, but on Node.js 20 and 22 it takes a name that is not
 * ASCII for wrong once it has been called a few thousand times.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
