import type { Run, Step } from "../../support/stack";

/** What was done, as `create ci`, in the order in which it was finished. */
export function did({ steps }: Run): string[] {
  return steps.map(describeStep);
}

/** What was tried and failed, in the same words. */
export function failed(run: Run): string[] {
  return run.failed.map(describeStep);
}

/** The lines in which the provider says something of a token by itself, not as the error of a step. */
export function notes(output: string): string[] {
  return [...output.matchAll(/^ *(ServiceAccountToken .*)$/gm)].map(([, note = ""]) => note);
}

function describeStep({ op, name }: Step): string {
  return `${op} ${name}`;
}
