/** What a failed initialization leaves in the state. */
export interface Leftover {
  readonly id: string;
  readonly properties: Record<string, unknown>;
}

/**
 * A failure that is meant for the reader of the run, not a bug. The provider host prints an error with its stack and the
 * engine prints its message again: hence no stack, and a text of its own that only names the resource.
 */
export class ExpectedFailure extends Error {
  override readonly name = "ServiceAccountTokenError";
  override readonly stack = "";
  readonly #summary: string;
  /** With an id, Pulumi stores the resource as one that failed to initialize, and shows only the reasons. */
  declare readonly id?: string;
  declare readonly properties?: Record<string, unknown>;
  declare readonly reasons?: string[];

  constructor(summary: string, message: string, leftover?: Leftover) {
    super(message);
    this.#summary = summary;
    if (leftover !== undefined) Object.assign(this, leftover, { reasons: [message] });
  }

  override toString(): string {
    return this.#summary;
  }
}
