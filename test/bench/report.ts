/** A figure of one of our forms against a rival's, from the same run. */
export interface Row {
  readonly section: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: "dynamic" | "packaged";
  readonly values: readonly number[];
  readonly rival: string;
  readonly rivals: readonly number[];
  readonly target?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}

/** Run by run, because what slows the machine for a while slows both sides of a ratio. */
function ratios({ values, rivals }: Row): number[] {
  return values.map((value, index) => value / rivals[index]!);
}

/** One table for each section. A time or a size that was measured once is left out: it would be noise. */
export function tablesOf(rows: readonly Row[]): string {
  const shown = rows.filter(({ unit, values }) => values.length > 1 || ["B", ""].includes(unit));
  const sections = [...new Set(shown.map(({ section }) => section))];
  return sections
    .map((section) => `### ${section}\n\n${tableOf(shown.filter((row) => row.section === section))}`)
    .join("\n\n");
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, unit, ours, values, rival, rivals, target = "" } = row;
    const ratio = Math.min(...values, ...rivals) > 0 ? format(ratios(row), "×") : "";
    return [what, `${ours}: ${format(values, unit)}`, `${rival}: ${format(rivals, unit)}`, ratio, target];
  });
  const head = ["figure", "ours", "rival", "ours / rival", "target"];
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function format(values: readonly number[], unit: string): string {
  const digits = { B: 0, "": 0, MB: 1 }[unit] ?? 2;
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return `${low === high ? middle : `${middle} (${low} to ${high})`} ${unit}`.trimEnd();
}
