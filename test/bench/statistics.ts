/** A figure over repeated runs. */
export interface Figure {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, lowest: sorted[0]!, highest: sorted.at(-1)! };
}

/** Run by run, so that what slows the machine for a while slows both sides of a ratio. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Figure {
  return figureOf(ours.map((value, index) => value / theirs[index]!));
}

export function format({ median, lowest, highest }: Figure, digits = 2): string {
  const [middle, low, high] = [median, lowest, highest].map((value) => value.toFixed(digits));
  return low === high ? middle! : `${middle} (${low} – ${high})`;
}
