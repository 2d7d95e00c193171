// The plugin's bundler only recognizes a plain `require`, and the bundle ships without package.json.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { engines } = require("../../../package.json") as { engines: { node: string } };
const NEEDED = engines.node.replace(">=", "");

/** Which Node.js the package needs, and which one runs it, in words that follow a name. */
export const NODE_VERSIONS = `needs Node.js ${NEEDED} or later, and found ${process.version}`;

/** Says what to do about a Node.js that is too old; undefined if it is not. */
export function oldNodeProblem(): string | undefined {
  const isOld = process.versions.node.localeCompare(NEEDED, "en", { numeric: true }) < 0;
  return isOld
    ? `${NODE_VERSIONS}: install a newer version (https://nodejs.org) and put it first on the PATH`
    : undefined;
}

/** @throws an error that names both versions if this Node.js is too old */
export function requireNode(): void {
  const problem = oldNodeProblem();
  if (problem !== undefined) throw new Error(`pulumi-atlas-token ${problem}`);
}
