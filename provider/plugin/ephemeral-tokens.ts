import { InvokeResponse, type InvokeRequest } from "@pulumi/pulumi/proto/provider_pb";
import { setTimeout as sleep } from "node:timers/promises";

import type { Context } from "../operations/context";
import { getEphemeralToken, revokeEphemeralTokens } from "../operations/ephemeral-token";
import type { EngineLog } from "./engine-log";
import { InvalidRequest, readProperties, writeProperties } from "./wire";

export const EPHEMERAL_TOKEN_FUNCTION = "atlas-token:index:getEphemeralToken";

/** The engine kills a provider five seconds after its signal, and blames it. */
const REVOKE_WITHIN_MS = 3_500;
/** How long running calls may delay that, and how long it may take at least for a token that is issued late. */
const SHORT_MS = 1_000;

const OLD_ENGINE =
  "getEphemeralToken needs Pulumi 3.206 or later, because an older version may end this provider without giving it time to revoke the token: " +
  "upgrade the Pulumi CLI, or declare a ServiceAccountToken instead";

/** The function `getEphemeralToken`, whose tokens live until the engine ends this process. */
export class EphemeralTokens {
  /**
   * Whether the engine gives this process time to revoke them, which it tells by the field `invoke_with_preview` of its handshake (3.206). Before
   * 3.172 it did not, and those versions between cannot be told apart (pulumi/pulumi#19603).
   */
  isEndedBySignal = false;
  readonly #context: Context;
  readonly #log: EngineLog;
  readonly #requests = new AbortController();
  #hasEnded = false;

  constructor(context: Context, log: EngineLog) {
    this.#context = { ...context, signal: this.#requests.signal };
    this.#log = log;
  }

  async invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    if (token !== EPHEMERAL_TOKEN_FUNCTION) throw new InvalidRequest(`unknown function ${JSON.stringify(token)}`);
    if (!this.isEndedBySignal) throw new InvalidRequest(OLD_ENGINE);
    if (this.#hasEnded) throw new InvalidRequest("The ephemeral token was not issued: the provider is ending");
    const { outs, failures } = await getEphemeralToken(readProperties(request.getArgs()), this.#context);
    const response = new InvokeResponse().setReturn(writeProperties(outs));
    for (const { property, reason } of failures) response.addFailures().setProperty(property).setReason(reason);
    return response;
  }

  /**
   * Revokes the tokens, after the running calls unless those take long. `Cancel` must not do it: it comes while other providers
   * still use the tokens.
   *
   * @param isKilled whether the engine will kill this process
   */
  async end(isKilled: boolean, running: Promise<void>): Promise<void> {
    this.#hasEnded = true;
    const { ephemeralTokens, unrevoked } = this.#context.runState;
    if (ephemeralTokens.size + unrevoked.size === 0) return;
    const endsAt = performance.now() + REVOKE_WITHIN_MS;
    // Early enough to revoke what they leave.
    if (isKilled) setTimeout(() => this.#requests.abort(), REVOKE_WITHIN_MS - SHORT_MS).unref();
    await Promise.race([running, sleep(SHORT_MS)]);
    const leftMs = (): number => Math.max(SHORT_MS, endsAt - performance.now());
    const context = { ...this.#context, signal: undefined, waitSignal: undefined };
    await revokeEphemeralTokens(leftMs, (line) => this.#log.warn(line), context);
  }
}
