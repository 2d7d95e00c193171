import assert from "node:assert/strict";

import { issue, type IssuedToken, type IssueTokenOptions, type UnrevokedToken } from "../../../provider/oauth/issue";
import { revoke, type RevokeResult, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { credentials, FakeCalls } from "./fake-calls";
import { useScriptedServer, type ScriptedServer } from "./scripted-server";

export const token = "fake.access.token";

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

  /** Issues a token that can be handed out. */
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
