/** What a failed initialization leaves in the state. */
export interface InitFailure {
  readonly id: string;
  readonly properties: Record<string, unknown>;
}

/**
 * A failure that is meant for the reader of the run, not a bug. The provider host prints an error as `text: stack`, and the
 * engine prints the message at the resource: hence the two halves of one short line in their place.
 */
export class UserFacingError extends Error {
  override readonly name = "ServiceAccountTokenError";
  override readonly stack: string;
  readonly #what: string;
  /** With an id, Pulumi stores the resource as one that failed to initialize, and shows only the reasons. */
  declare readonly id?: string;
  declare readonly properties?: Record<string, unknown>;
  declare readonly reasons?: string[];

  /**
   * @param what happened to which resource, in few words
   * @param why in fewer
   * @param message all of it, for the reader
   */
  constructor(what: string, why: string, message: string, leftover?: InitFailure) {
    super(message);
    this.#what = what;
    this.stack = why;
    if (leftover !== undefined) Object.assign(this, leftover, { reasons: [message] });
  }

  override toString(): string {
    return this.#what;
  }
}
