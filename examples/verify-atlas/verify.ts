import { setTimeout as sleep } from "node:timers/promises";
import { compare, type Finding } from "./compare";
import { observe, type Account, type Observed } from "./observe";
import { AFTER, BEFORE, ISSUE, REVOKE, type Step } from "./steps";

export interface Result {
  readonly step: Step;
  readonly observed: Observed;
  readonly findings: readonly Finding[];
}

export interface Verification {
  readonly results: readonly Result[];
  /** `active` if revoking it failed; it then expires within an hour. */
  readonly token: "not received" | "revoked" | "active";
}

/** So that a failed revocation can be retried without more than ten requests. */
const REVOCATIONS = 4;
const RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 60;

/** Makes ten requests at most. Whatever happens, an issued token is revoked or the result says that it is active. */
export async function verify(
  account: Account,
  signal: AbortSignal,
  onResult: (result: Result) => void,
): Promise<Verification> {
  const results: Result[] = [];
  let token = "";
  const run = async (step: Step): Promise<Observed> => {
    const { observed, accessToken } = await observe(step, account, token);
    if (step === ISSUE) token = accessToken ?? "";
    const result = { step, observed, findings: compare(step, observed) };
    results.push(result);
    onResult(result);
    return observed;
  };

  await run(ISSUE);
  if (token === "") return { results, token: "not received" };
  for (const step of BEFORE) if (!signal.aborted) await run(step);
  for (let attempt = 1; ; attempt += 1) {
    const revoked = await run(REVOKE);
    if (isSuccess(revoked)) break;
    if (attempt === REVOCATIONS) return { results, token: "active" };
    const seconds = Number(revoked.headers["retry-after"] ?? NaN);
    await sleep(1000 * (seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_SECONDS) : RETRY_SECONDS));
  }
  for (const step of AFTER) if (!signal.aborted && results.length < 10) await run(step);
  return { results, token: "revoked" };
}

function isSuccess({ status }: Observed): boolean {
  return status !== undefined && status >= 200 && status <= 299;
}
