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
