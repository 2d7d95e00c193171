import { issueToken, revokeToken, type CallOptions } from "pulumi-atlas-token/oauth";

/**
 * Issues a token for some work and revokes it afterwards, even if the work fails.
 *
 * @param options a `signal` that aborts ends the waits before the token is issued; the work must watch it itself
 * @throws the error of issuing, the work or revoking; an `AggregateError` if both the work and revoking fail
 */
export async function withToken<T>(options: CallOptions, work: (accessToken: string) => Promise<T>): Promise<T> {
  const { signal, ...always } = options;
  // As `signal`, it could abort a request that issues a token, which would then be active and unknown.
  const { accessToken, expiresAt } = await issueToken({ ...always, waitSignal: signal });
  const [outcome] = await Promise.allSettled([Promise.resolve(accessToken).then(work)]);
  // Without the signal, since the token must be revoked after an interruption as well.
  const [revoked] = await Promise.allSettled([revokeToken({ ...always, token: accessToken, expiresAt })]);

  if (outcome.status === "rejected" && revoked.status === "rejected") {
    throw new AggregateError([outcome.reason, revoked.reason], "both the work and revoking the token failed");
  }
  if (outcome.status === "rejected") throw outcome.reason;
  if (revoked.status === "rejected") throw revoked.reason;
  return outcome.value;
}
