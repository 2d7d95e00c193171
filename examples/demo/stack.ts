/** A stack of the quickstart's program, as far as the demo needs it. */
export interface Stack {
  up(): Promise<Run>;
  preview(): Promise<Run>;
  /** @param env variables that only this operation has */
  destroy(env?: Readonly<Record<string, string>>): Promise<Run>;
  /** The tokens in the state. */
  tokens(): Promise<readonly StoredToken[]>;
}

/** What an operation printed. */
export interface Run {
  readonly succeeded: boolean;
  readonly output: string;
}

export interface StoredToken {
  readonly accessToken: string;
  readonly expiresAt: string;
}

/** Where a stack's operations run, and what they find there. */
export interface Place {
  /** An empty folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The stack's configuration. */
  readonly config: { readonly "mongodbatlas:clientId": string; readonly "mongodbatlas:clientSecret": string };
}
