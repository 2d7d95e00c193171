/** Calls a listener. A listener that throws or rejects must not end a call that has a token to revoke. */
export function notify<T>(listener: ((value: T) => unknown) | undefined, value: T): void {
  new Promise((resolve) => resolve(listener?.(value))).catch(() => undefined);
}
