import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import { isAtlasOAuthError, type AtlasOAuthError } from "../../../provider/oauth/failure/error";
import { issue } from "../../../provider/oauth/issue";
import { revoke, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { assertNothingSecret } from "../../support/oauth/nothing-secret";
import { credentials, issuedToken, secrets, tokenToRevoke } from "./secrets";
import { setEnvironment, Stage, type Environment } from "./stage";

export type CallOptions = Partial<RevokeTokenOptions> & { readonly baseUrl: string };

/**
 * Makes a call and says how it ended: `issued`, `revoked`, or for example
 * `no_response, a token may exist, after 1 attempt (ECONNRESET)`. Fails if anything that it shows is secret.
 */
export async function call(endpoint: Endpoint, options: CallOptions, { clock, settings }: Stage): Promise<string> {
  const shown: unknown[] = [];
  const onWait: RevokeTokenOptions["onWait"] = (wait) => {
    shown.push(wait);
    void clock.advance(wait.waitMs);
  };
  const all = { ...credentials, token: tokenToRevoke, ...options, onWait };
  const ended = endpoint === "issue" ? issue(all, settings) : revoke(all, settings);
  const ending = await ended.then(
    (result) => {
      if ("outcome" in result) return result.outcome;
      return "accessToken" in result && result.accessToken === issuedToken ? "issued" : "another token was issued";
    },
    (error: unknown) => {
      if (!isAtlasOAuthError(error)) throw error;
      shown.push(error);
      return describeError(error);
    },
  );
  assertNothingSecret(shown, secrets);
  for (const error of shown) assertNothingSecret(error, secrets);
  return ending;
}

function describeError(error: AtlasOAuthError): string {
  const { code, status, attempts, mayHaveIssued, cause, description } = error;
  const what = [code, status].join(" ").trim();
  const sent = "sent" in error ? [error.sent ? "sent" : "not sent"] : [];
  const issued = mayHaveIssued ? ["a token may exist"] : [];
  const made = `after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const why = cause === undefined ? "" : ` (${cause.code ?? cause.name})`;
  return `${[what, ...sent, ...issued, made].join(", ")}${why}${description === undefined ? "" : `: ${description}`}`;
}

export interface PlannedCall {
  readonly endpoint: Endpoint;
  readonly baseUrl: string;
  readonly env: Environment;
}

/** As a program: makes the calls of its argument, prints how each ended, and has nothing left that keeps it alive. */
async function main(calls: readonly PlannedCall[]): Promise<void> {
  const endings: string[] = [];
  for (const { endpoint, baseUrl, env } of calls) {
    setEnvironment(env);
    endings.push(await call(endpoint, { baseUrl }, new Stage()));
  }
  process.stdout.write(JSON.stringify(endings));
}

if (require.main === module) void main(JSON.parse(process.argv[2]!) as PlannedCall[]);
