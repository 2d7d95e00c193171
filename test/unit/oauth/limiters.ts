/** What a limiter says to a request: undefined if it passes, otherwise the milliseconds until it would. */
export type Limiter = (now: number) => number | undefined;

const count = (times: readonly number[], after: number): number => times.filter((time) => time > after).length;

/** The ways in which servers limit requests, each with so many in a window. */
export const limiters: Readonly<Record<string, (requests: number, windowMs: number) => Limiter>> = {
  "fixed window": (requests, windowMs) => {
    let start = -Infinity;
    let used = 0;
    return (now) => {
      if (now >= start + windowMs) [start, used] = [now, 0];
      return used++ < requests ? undefined : start + windowMs - now;
    };
  },
  "sliding log": (requests, windowMs) => {
    const passed: number[] = [];
    return (now) => {
      if (count(passed, now - windowMs) >= requests) return passed[passed.length - requests]! + windowMs - now;
      passed.push(now);
      return undefined;
    };
  },
  "sliding log that counts refusals": (requests, windowMs) => {
    const all: number[] = [];
    return (now) => {
      const full = count(all, now - windowMs) >= requests;
      all.push(now);
      return full ? all[all.length - requests]! + windowMs - now : undefined;
    };
  },
  "token bucket": (requests, windowMs) => {
    let tokens = requests;
    let at = 0;
    return (now) => {
      tokens = Math.min(requests, tokens + ((now - at) * requests) / windowMs);
      at = now;
      if (tokens < 1) return ((1 - tokens) * windowMs) / requests;
      tokens--;
      return undefined;
    };
  },
};
