/**
 * A Pulumi program, written inline. What it returns are the stack's outputs.
 *
 * It runs in the process of the test, once for each `up` and `preview`.
 */
export type Program = () => Outputs | undefined | Promise<Outputs | undefined>;

type Outputs = Record<string, unknown>;

/** What Pulumi does to a resource, in the engine's own words. */
export type Op =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "remove-pending-replace"
  | "refresh";

/** One thing that happened to one resource. */
export interface Step {
  readonly op: Op;
  readonly name: string;
  readonly type: string;
  /** The id that the resource has afterwards, or had before it was deleted; absent while it is not known. */
  readonly id?: string;
}

/** What came of an operation. A failed one is a `Run` too: only a broken driver rejects. */
export interface Run {
  readonly succeeded: boolean;
  /**
   * What was done, in the order in which it was finished. A replacement is several steps: `create-replacement`,
   * `replace` (the moment at which dependants see the new one) and `delete-replaced`. In a `refresh` the op tells what
   * the refresh found. The stack itself and Pulumi's own provider resources are left out.
   */
  readonly steps: readonly Step[];
  /** What was tried and failed, a failed initialization included. A failed check is no step. */
  readonly failed: readonly Step[];
  /** How many resources were created, updated, replaced, deleted, or stayed the same, counted from `steps`. */
  readonly changes: Readonly<Partial<Record<Op, number>>>;
  /** All that a person would see in a terminal, standard output and standard error. */
  readonly output: string;
  /** The stack's outputs as they stand afterwards, secrets in plain text. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A resource as the state holds it. The stack itself and Pulumi's own provider resources are left out. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  /** In plain text, without the serialized provider. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** In plain text, without the serialized provider. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The names of the inputs that are, or contain, a secret. */
  readonly secretInputs: readonly string[];
  /** The names of the outputs that are, or contain, a secret. */
  readonly secretOutputs: readonly string[];
  /** Replaced, and not deleted yet: its deletion failed. */
  readonly delete?: true;
  /** Deleted ahead of a replacement that has not been created yet. */
  readonly pendingReplacement?: true;
  readonly initErrors?: readonly string[];
}

/** The state as `pulumi stack export --show-secrets` writes it. */
export interface Deployment {
  readonly version: number;
  readonly deployment: object;
}

/** What came of a command of the CLI. */
export interface CommandRun {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** One Ctrl-C at the moment of the abort. */
  readonly interrupt?: AbortSignal;
  /** Is handed the output as it appears, piece by piece. */
  readonly onOutput?: (text: string) => void;
}

export interface OperationOptions extends CommandOptions {
  /** Names of resources, as with `--target`: nothing else is touched. */
  readonly targets?: readonly string[];
  /** As with `--target-dependents`. */
  readonly targetDependents?: boolean;
}

export interface UpOptions extends OperationOptions {
  /** As with `--refresh`. */
  readonly refresh?: boolean;
  /** As with `--continue-on-error`. */
  readonly continueOnError?: boolean;
}

export interface PreviewOptions extends OperationOptions {
  /** As with `--refresh`. */
  readonly refresh?: boolean;
}

export interface DestroyOptions extends OperationOptions {
  /** As with `--run-program`: run this one first, with the stack's configuration of today. */
  readonly program?: Program;
  /** As with `--continue-on-error`. */
  readonly continueOnError?: boolean;
}

/**
 * A Pulumi stack of its own, empty at first, with whichever driver it was opened.
 *
 * One operation at a time, as with Pulumi itself.
 */
export interface Stack {
  /** The folder that a user's program would lie in: the working directory of the provider host. */
  readonly folder: string;
  /** What the host of the providers finds in its environment besides `PATH` and `HOME`; may be changed at any time. */
  readonly env: Record<string, string>;
  setConfig(key: string, value: string, options?: { readonly secret?: boolean }): Promise<void>;
  up(program: Program, options?: UpOptions): Promise<Run>;
  preview(program: Program, options?: PreviewOptions): Promise<Run>;
  refresh(options?: OperationOptions): Promise<Run>;
  destroy(options?: DestroyOptions): Promise<Run>;
  state(): Promise<readonly StateResource[]>;
  /** Everything that lies in the backend and in the stack's settings, as it lies there: for searches for secrets. */
  exportText(): Promise<string>;
  exportState(): Promise<Deployment>;
  importState(deployment: Deployment): Promise<void>;
  /** Runs the CLI as a person would, with the program that lies in `folder`: of the real engine alone. */
  readonly command?: (args: readonly string[], options?: CommandOptions) => Promise<CommandRun>;
  /** Removes everything; the stack's resources are not destroyed. */
  close(): Promise<void>;
}
