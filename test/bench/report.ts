/** A figure of one of our forms against a rival's, from the same run. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: "dynamic" | "packaged";
  readonly values: readonly number[];
  readonly rival: string;
  readonly rivals: readonly number[];
  readonly target?: string;
  /** Whether it is in the README's table. */
  readonly headline?: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}

/** Run by run, because what slows the machine for a while slows both sides of a ratio. */
function ratios({ values, rivals }: Row): number[] {
  return values.map((value, index) => value / rivals[index]!);
}

/** The README's table: one line for each thing that is measured, with both forms in it. */
export function headlinesOf(rows: readonly Row[]): string {
  // The first comparison of each form counts.
  const isFirst = ({ what, ours }: Row, index: number): boolean =>
    index === rows.findIndex((row) => row.what === what && row.ours === ours);
  const first = rows.filter((row, index) => row.headline === true && isFirst(row, index));
  const lines = [...new Set(first.map(({ what }) => what))].map((what) => {
    const forms = first.filter((row) => row.what === what);
    const [dynamic = "", packaged = ""] = ["dynamic", "packaged"].map((form) => {
      const row = forms.find(({ ours }) => ours === form);
      return row && `${format([median(row.values)], row.unit)} (${median(ratios(row)).toFixed(2)} ×)`;
    });
    const names = new Set(forms.map(({ rival }) => rival.replace("-packaged", "")));
    const rivals = new Set(forms.map((row) => format([median(row.rivals)], row.unit)));
    return [what, dynamic, packaged, `${[...names].join(", ")}: ${[...rivals].join(" and ")}`];
  });
  return tableOf([["", "dynamic resource", "packaged provider", "rival"], ...lines]);
}

/** The table of everything, with the spread over the runs. */
export function detailsOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, unit, ours, values, rival, rivals, target = "" } = row;
    const ratio = Math.min(...values, ...rivals) > 0 ? format(ratios(row), "×") : "";
    return [what, `${ours}: ${format(values, unit)}`, `${rival}: ${format(rivals, unit)}`, ratio, target];
  });
  return tableOf([["", "ours", "rival", "ratio", "target"], ...lines]);
}

function tableOf([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function format(values: readonly number[], unit: string): string {
  const digits = { B: 0, "": 0, MB: 1 }[unit] ?? 2;
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return `${low === high ? middle : `${middle} (${low} to ${high})`} ${unit}`.trimEnd();
}
