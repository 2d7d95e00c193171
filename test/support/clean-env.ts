/**
 * An environment of `PATH`, `HOME` and what a test asks for: credentials and proxies of this machine must not decide
 * what a test sees.
 */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...extra };
}
