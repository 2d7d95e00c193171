import type { Dispatcher } from "undici";

type Handler = Dispatcher.DispatchHandler;

/**
 * Reports when a request is put on its connection. Error codes do not show it, since a connection can be reset before a
 * request as well as after it.
 */
export function watchStart(dispatcher: Dispatcher, started: () => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, new StartWatcher(handler, started)));
}

class StartWatcher implements Handler {
  readonly #handler: Handler;
  readonly #started: () => void;

  constructor(handler: Handler, started: () => void) {
    this.#handler = handler;
    this.#started = started;
  }

  onRequestStart(...args: Parameters<NonNullable<Handler["onRequestStart"]>>): void {
    this.#started();
    this.#handler.onRequestStart?.(...args);
  }

  onResponseStart(...args: Parameters<NonNullable<Handler["onResponseStart"]>>): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Handler["onResponseData"]>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Handler["onResponseEnd"]>>): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Handler["onResponseError"]>>): void {
    this.#handler.onResponseError?.(...args);
  }
}
