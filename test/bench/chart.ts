const COUNT = 100;
const PER_WINDOW = 10;
const WINDOW = 2;

/** Tokens revoked over time under the limit, as a Mermaid chart: the ideal, ours, the plain provider. */
export function chartOf({
  ours,
  plain,
}: {
  readonly ours: readonly number[];
  readonly plain: readonly number[];
}): string {
  const end = Math.ceil(Math.max(...ours, ...plain));
  const seconds = Array.from({ length: end + 1 }, (_, second) => second);
  const ideal = seconds.map((second) => Math.min(COUNT, (Math.floor(second / WINDOW) + 1) * PER_WINDOW));
  const done = (times: readonly number[]) => seconds.map((second) => times.filter((time) => time <= second).length);
  return [
    "```mermaid",
    "xychart-beta",
    `  title "Tokens revoked, ${PER_WINDOW} allowed in ${WINDOW} s: the ideal, ours, plain"`,
    `  x-axis "seconds" 0 --> ${end}`,
    `  y-axis "revoked" 0 --> ${COUNT}`,
    ...[ideal, done(ours), done(plain)].map((line) => `  line [${line.join(", ")}]`),
    "```",
  ].join("\n");
}
