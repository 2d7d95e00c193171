/** The callbacks that wait for a signal, by signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Runs `then` once the signal aborts; returns a function that cancels that. However many calls share a signal, it gets
 * one listener, since Node.js warns of more than ten (nodejs/node#54614).
 */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const known = waiting.get(signal);
  const all = known ?? new Set<() => void>();
  all.add(then);
  if (known === undefined) {
    waiting.set(signal, all);
    signal.addEventListener("abort", runAll);
  }
  return () => {
    all.delete(then);
    if (all.size > 0 || waiting.get(signal) !== all) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", runAll);
  };
}

function runAll(event: Event): void {
  for (const then of waiting.get(event.target as AbortSignal) ?? []) then();
}
