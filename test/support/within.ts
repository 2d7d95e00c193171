import { setTimeout as delay } from "node:timers/promises";

/** Waits for something that comes long before the time is over unless there is a fault, and otherwise says what is missing. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${seconds} s for ${what}`)), seconds * 1000);
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}

/** The same for a condition. */
export async function until(what: string, isMet: () => boolean, seconds = 30): Promise<void> {
  const polling = { ends: false };
  const poll = async (): Promise<void> => {
    while (!polling.ends && !isMet()) await delay(1);
  };
  await within(seconds, what, poll()).finally(() => (polling.ends = true));
}
