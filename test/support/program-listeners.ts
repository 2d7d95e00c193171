/**
 * While an inline program runs, what it leaves unhandled is its own failure, which Pulumi's SDK shows: mocha must not
 * take it for one of the test. The SDK does not remove its handlers from a program that never ended, either.
 */
export async function withProgramListeners<T>(run: () => Promise<T>): Promise<T> {
  if (running++ === 0) for (const event of events) takeOver(event);
  try {
    return await run();
  } finally {
    if (--running === 0) for (const event of events) giveBack(event);
  }
}

const events = ["uncaughtException", "unhandledRejection"] as const;
type Listener = (...args: unknown[]) => void;

let running = 0;
const others = new Map<string, Listener[]>();

function takeOver(event: string): void {
  const listeners = process.rawListeners(event) as Listener[];
  others.set(event, listeners);
  process.removeAllListeners(event);
  // Before and after a program has its own handlers, whoever was there first is responsible.
  process.on(event, (...args: unknown[]) => {
    if (process.listenerCount(event) > 1) return;
    if (listeners.length === 0) throw args[0];
    for (const listener of listeners) listener(...args);
  });
}

function giveBack(event: string): void {
  process.removeAllListeners(event);
  for (const listener of others.get(event) ?? []) process.on(event, listener);
}
