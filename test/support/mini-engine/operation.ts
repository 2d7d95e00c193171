import type { Providers } from "./providers";
import type { Snapshot } from "./snapshot";
import type { Targets } from "./targets";
import type { Transcript } from "./transcript";

/** One run of `up`, `preview`, `refresh` or `destroy`. */
export interface Operation {
  /** Says what would be done, and does none of it. */
  readonly preview: boolean;
  /** Creates and updates nothing: the program, if there is one, only tells today's configuration and options. */
  readonly destroy: boolean;
  readonly continueOnError: boolean;
  readonly targets: Targets;
  readonly snapshot: Snapshot;
  readonly transcript: Transcript;
  readonly providers: Providers;
}
