import { readFileSync } from "node:fs";
import type { Result, Verification } from "./verify";

const ASPECT_WIDTH = 26;
const EXPECTED_WIDTH = 42;
const MARKS = { "as expected": "  ", different: "! ", unknown: "? " } as const;

export const HEADING = `${"".padEnd(ASPECT_WIDTH + 4)}${"documented".padEnd(EXPECTED_WIDTH)}observed\n`;

/** The lines of one request: what is documented, next to what was observed. */
export function formatResult({ step, findings }: Result, index: number): string {
  const lines = findings.map(({ aspect, expected, observed, verdict }) => {
    const start = `  ${MARKS[verdict]}${aspect.padEnd(ASPECT_WIDTH)}`;
    return `${start}${expected.padEnd(EXPECTED_WIDTH)}${observed}`;
  });
  return `${index}. ${step.name}: ${step.method} ${step.path}\n${lines.join("\n")}\n\n`;
}

export function formatSummary({ results, token }: Verification): string {
  const findings = results.flatMap((result) => result.findings);
  const count = (verdict: string): number => findings.filter((finding) => finding.verdict === verdict).length;
  const lines = [
    `${count("as expected")} as documented, ${count("different")} different (!), ${count("unknown")} undocumented (?)`,
  ];
  if (token === "not received") lines.push("No token was received, so nothing else was verified.");
  if (token === "active") lines.push("Revoking the token failed. It is active until it expires, within an hour.");
  return `${lines.join("\n")}\n`;
}

/** 0 if everything is as documented, 1 if something is different, 2 unless the token is revoked. */
export function exitCodeOf({ results, token }: Verification): number {
  if (token !== "revoked") return 2;
  return results.some(({ findings }) => findings.some(({ verdict }) => verdict === "different")) ? 1 : 0;
}

/** The result as JSON, to attach to an issue. It contains no client ID, no secret and no token. */
export function toJson({ results, token }: Verification, origin: string): string {
  const requests = results.map(({ step, observed, findings }) => ({
    name: step.name,
    request: `${step.method} ${step.path}`,
    observed,
    differences: findings.filter(({ verdict }) => verdict === "different"),
  }));
  const manifest = readFileSync(require.resolve("pulumi-atlas-token/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const { node } = process.versions;
  return `${JSON.stringify({ version, node, time: new Date().toISOString(), origin, token, requests }, null, 2)}\n`;
}
