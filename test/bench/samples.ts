import type { Row } from "./report";
import type { Contender } from "./rivals/program";

/** What was measured of each contender, round by round. */
export type Samples<Figure extends string> = ReadonlyMap<string, readonly Readonly<Record<Figure, number>>[]>;

/** Measures all contenders in each round, another one first each time. */
export async function sample<Figure extends string>(
  contenders: readonly Contender[],
  rounds: number,
  measure: (contender: Contender, round: number) => Promise<Record<Figure, number>>,
): Promise<Samples<Figure>> {
  const samples = new Map(contenders.map((contender) => [contender, [] as Record<Figure, number>[]]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)])
      samples.get(contender)!.push(await measure(contender, round));
  }
  return samples;
}

type Comparison = readonly [ours: Row["ours"], rival: string, target?: string];

/** One row for each comparison. */
export function compare<Figure extends string>(
  samples: Samples<Figure>,
  figure: Figure,
  row: Pick<Row, "section" | "what" | "unit">,
  comparisons: readonly Comparison[],
): Row[] {
  const figures = (contender: string): number[] => samples.get(contender)!.map((each) => each[figure]);
  return comparisons.map(([ours, rival, target = ""]) => {
    return { ...row, ours, values: figures(ours), rival, rivals: figures(rival), target };
  });
}
