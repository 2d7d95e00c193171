import { format, type Figure } from "./statistics";

/** One line of the table: a figure against a rival of the same run, and what it was meant to be. */
export interface Row {
  readonly section: string;
  readonly what: string;
  readonly ours: Figure;
  readonly rival: string;
  readonly theirs: Figure;
  readonly ratio: Figure;
  readonly unit: string;
  readonly goal?: { readonly atMost: number; readonly why: string };
}

/** The table for people, in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["", "ours", "rival", "ratio", "goal"];
  const lines = rows.map(({ section, what, ours, rival, theirs, ratio, unit, goal }) => [
    `${section}: ${what}`,
    `${format(ours, digitsFor(unit))} ${unit}`,
    `${format(theirs, digitsFor(unit))} ${unit} (${rival})`,
    format(ratio),
    goal === undefined ? "" : `≤ ${goal.atMost}: ${ratio.median <= goal.atMost ? "met" : "not met"}`,
  ]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function digitsFor(unit: string): number {
  return unit === "bytes" || unit === "refused" ? 0 : 2;
}
