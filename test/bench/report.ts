import { figureOf, format, ratioOf, type Figure } from "./statistics";

/** What a figure was meant to be: at most so many times the rival's, or at most so much more. */
export interface Goal {
  readonly atMost: number;
  readonly beyond?: true;
}

/** One line of the table: a figure against a rival of the same run. */
export interface Row {
  readonly section: string;
  readonly what: string;
  readonly ours: Figure;
  readonly rival: string;
  readonly theirs: Figure;
  readonly ratio: Figure;
  readonly unit: string;
  readonly goal?: Goal;
}

/** A line of what was measured run by run on both sides. */
export function ratioRow(
  row: Pick<Row, "section" | "what" | "rival" | "unit" | "goal">,
  ours: readonly number[],
  theirs: readonly number[],
): Row {
  return { ...row, ours: figureOf(ours), theirs: figureOf(theirs), ratio: ratioOf(ours, theirs) };
}

/** The table for people, in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["", "ours", "rival", "ratio", "goal"];
  const lines = rows.map((row) => [
    `${row.section}: ${row.what}`,
    `${format(row.ours, digitsFor(row.unit))} ${row.unit}`,
    `${format(row.theirs, digitsFor(row.unit))} ${row.unit} (${row.rival})`,
    format(row.ratio),
    row.goal === undefined ? "" : verdict(row, row.goal),
  ]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function verdict({ ratio, ours, theirs, unit }: Row, { atMost, beyond }: Goal): string {
  const reached = beyond ? ours.median - theirs.median : ratio.median;
  const goal = beyond ? `≤ ${atMost} ${unit} more` : `≤ ${atMost}`;
  return `${goal}: ${reached <= atMost ? "met" : "not met"}`;
}

function digitsFor(unit: string): number {
  return unit === "bytes" || unit === "refused" ? 0 : 2;
}
