import { issueToken, revokeToken, type CallOptions } from "pulumi-atlas-token/oauth";

/**
 * Lends a token to some work and revokes it afterwards, whatever came of the work.
 *
 * @throws what the issue, the work or the revoke threw; an `AggregateError` where both the work and the revoke failed
 */
export async function withToken<T>(options: CallOptions, work: (accessToken: string) => Promise<T>): Promise<T> {
  const { accessToken, expiresAt } = await issueToken(options);
  const [outcome] = await Promise.allSettled([work(accessToken)]);
  // Without the signal: it ends the work, and then all the more the token must go.
  const { signal, ...always } = options;
  const [revoked] = await Promise.allSettled([revokeToken({ ...always, token: accessToken, expiresAt })]);

  if (outcome.status === "rejected" && revoked.status === "rejected") {
    throw new AggregateError([outcome.reason, revoked.reason], "neither the work nor the revoke succeeded");
  }
  if (outcome.status === "rejected") throw outcome.reason;
  if (revoked.status === "rejected") throw revoked.reason;
  return outcome.value;
}
