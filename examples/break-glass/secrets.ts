import type { StoredToken } from "./exported-state";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The secrets to try for a token, as the provider itself chooses them: from the arguments, the configuration and the
 * environment, unless another client id stands beside one.
 */
export function secretsFor({ clientId, credentials }: StoredToken, env: Environment): string[] {
  const environment = { clientId: env["MONGODB_ATLAS_CLIENT_ID"], clientSecret: env["MONGODB_ATLAS_CLIENT_SECRET"] };
  const secrets = [...credentials, environment]
    .filter((each) => [undefined, "", clientId].includes(each.clientId))
    .map(({ clientSecret = "" }) => clientSecret);
  return [...new Set(secrets)].filter((secret) => secret !== "");
}
