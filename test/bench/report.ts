/** A figure of one of our forms against a rival's, from the same run. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: "dynamic" | "packaged";
  readonly values: readonly number[];
  /** A text that belongs to our figure. */
  readonly note?: string;
  readonly rival: string;
  readonly rivals: readonly number[];
  readonly target?: string | undefined;
  /** Whether it is in the README's table. */
  readonly headline?: boolean;
}

interface Figure {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)]!, sorted[Math.floor(sorted.length / 2)]!];
  return { median: (low + high) / 2, lowest: sorted[0]!, highest: sorted.at(-1)! };
}

/** Run by run, because what slows the machine for a while slows both sides of a ratio. */
function ratioOf({ values, rivals }: Row): Figure | undefined {
  return rivals.some((rival) => rival <= 0)
    ? undefined
    : figureOf(values.map((value, index) => value / rivals[index]!));
}

/** The README's table: one line for each thing that is measured, with both forms in it. */
export function headlinesOf(rows: readonly Row[]): string {
  const headlines = rows.filter(({ headline }) => headline === true);
  const lines = [...new Set(headlines.map(({ what }) => what))].map((what) => {
    // The first comparison of each form counts.
    const ofForm = (form: string): Row[] =>
      headlines.filter((row) => row.what === what && row.ours === form).slice(0, 1);
    const forms = [...ofForm("dynamic"), ...ofForm("packaged")];
    const ours = ["dynamic", "packaged"].map((form) => {
      const row = forms.find((each) => each.ours === form);
      if (row === undefined) return "";
      const ratio = ratioOf(row);
      return `${medianOf(row.values, row.unit)}${row.note ?? ""}${ratio ? ` (${ratio.median.toFixed(2)} ×)` : ""}`;
    });
    const names = new Set(forms.map(({ rival }) => rival.replace("-packaged", "")));
    const rivals = new Set(forms.map((row) => medianOf(row.rivals, row.unit)));
    return [what, ...ours, `${[...names].join(", ")}: ${[...rivals].join(" and ")}`];
  });
  return tableOf([["", "dynamic resource", "packaged provider", "rival"], ...lines]);
}

/** The table of everything, with the spread over the runs. */
export function detailsOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, unit, ours, values, rival, rivals, target = "" } = row;
    const ratio = ratioOf(row);
    const cells = [[ours, values] as const, [rival, rivals] as const].map(
      ([name, figures]) => `${name}: ${format(figureOf(figures), unit)}`,
    );
    return [what, ...cells, ratio ? format(ratio, "×") : "", target];
  });
  return tableOf([["", "ours", "rival", "ratio", "target"], ...lines]);
}

function tableOf([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function medianOf(values: readonly number[], unit: string): string {
  const { median } = figureOf(values);
  return format({ median, lowest: median, highest: median }, unit);
}

function format({ median, lowest, highest }: Figure, unit: string): string {
  const digits = { B: 0, "": 0, MB: 1 }[unit] ?? 2;
  const [middle, low, high] = [median, lowest, highest].map((value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return `${low === high ? middle : `${middle} (${low} to ${high})`} ${unit}`.trimEnd();
}
