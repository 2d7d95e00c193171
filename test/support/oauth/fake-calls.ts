import { makeClientSettings, type ClientSettings } from "../../../provider/oauth/client-settings";
import type { WaitInfo } from "../../../provider/oauth/call";
import { FakeClock } from "../fake-clock";
import { seededRandom } from "./seeded-random";

/** Obviously none of Atlas's, and long enough that they can be searched for. */
export const credentials = { clientId: "fake-client-id", clientSecret: "fake-client-secret" };

/** What surrounds the calls of one test: real sockets, fake time, in which every wait is over as soon as it is announced. */
export class FakeCalls {
  readonly clock = new FakeClock();
  readonly settings: ClientSettings = makeClientSettings({ clock: this.clock, random: seededRandom(1) });
  readonly waits: WaitInfo[] = [];

  /** For the option of that name. */
  readonly onWait = (wait: WaitInfo): void => {
    this.waits.push(wait);
    void this.clock.advance(wait.waitMs);
  };
}
