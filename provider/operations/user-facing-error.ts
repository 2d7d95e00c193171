import { printable } from "../oauth/failure/printable";

/** What Pulumi stores of a resource that failed to initialize. */
export interface InitFailure {
  readonly id: string;
  readonly properties: Record<string, unknown>;
}

/**
 * A failure that the user is to read, as opposed to a bug. Pulumi's host prints an error as `${error}: ${error.stack}`, and
 * the engine shows the message at the resource. Hence the text and the stack are the two halves of one short line.
 */
export class UserFacingError extends Error {
  override readonly name = "ServiceAccountTokenError";
  override readonly stack: string;
  readonly #what: string;
  /** With an ID, Pulumi stores the resource as one that failed to initialize, and shows only the reasons. */
  declare readonly id?: string;
  declare readonly properties?: Record<string, unknown>;
  declare readonly reasons?: string[];

  /**
   * @param what what happened to which resource, in a few words
   * @param why the reason, in fewer words
   * @param message the complete message, in which all values are printable
   * @param failure what to store, if the token exists
   */
  constructor(what: string, why: string, message: string, failure?: InitFailure) {
    super(message);
    this.#what = printable(what);
    this.stack = printable(why);
    if (failure !== undefined) Object.assign(this, failure, { reasons: [message] });
  }

  override toString(): string {
    return this.#what;
  }
}
