import assert from "node:assert/strict";

import type { WaitInfo } from "../../../provider/oauth/call";
import { makeClientSettings, type ClientSettings } from "../../../provider/oauth/client-settings";
import { issue, type IssuedToken, type IssueTokenOptions, type UnrevokedToken } from "../../../provider/oauth/issue";
import { revoke, type RevokeResult, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { FakeClock } from "../fake-clock";
import { useScriptedServer, type ScriptedServer } from "./scripted-server";
import { seededRandom } from "./seeded-random";

/** Obviously none of Atlas's, and long enough that they can be searched for. */
export const credentials = { clientId: "fake-client-id", clientSecret: "fake-client-secret" };
export const token = "fake.access.token";

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

/** The client against a scripted server, in fake time: new for every test of a suite. */
export class ClientFixture {
  calls = new FakeCalls();
  readonly #server = useScriptedServer();

  constructor() {
    beforeEach(() => void (this.calls = new FakeCalls()));
    afterEach(() => assert.equal(this.calls.clock.timers, 0, "a timer was left behind"));
  }

  get server(): ScriptedServer {
    return this.#server();
  }

  issue(options: Partial<IssueTokenOptions> = {}): Promise<IssuedToken | UnrevokedToken> {
    return issue({ ...this.#defaults(), ...options }, this.calls.settings);
  }

  /** Issues a usable token. */
  async token(options: Partial<IssueTokenOptions> = {}): Promise<IssuedToken> {
    const result = await this.issue(options);
    assert.ok("accessToken" in result, "the token is unrevoked");
    return result;
  }

  revoke(options: Partial<RevokeTokenOptions> = {}): Promise<RevokeResult> {
    return revoke({ ...this.#defaults(), token, ...options }, this.calls.settings);
  }

  #defaults(): IssueTokenOptions {
    return { baseUrl: this.server.baseUrl, ...credentials, onWait: this.calls.onWait };
  }
}
