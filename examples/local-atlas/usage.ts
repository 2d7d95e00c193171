export const defaultClientId = "local-atlas-client";
export const defaultClientSecret = "local-atlas-secret";

/** How to start Local Atlas. */
export const HELP = `Starts Local Atlas, a stand-in for the OAuth endpoints of MongoDB Atlas, on 127.0.0.1.

  npm run atlas -- [--lifetime SECONDS] [--window SECONDS] [--limit REQUESTS]

  --lifetime  lifetime of a token (default: 3600)
  --window    window of the rate limit (default: 60)
  --limit     requests to one endpoint in a window (default: 10); 0 is no limit

PORT=9000 npm run atlas listens on another port than 8765.
`;

/** How to use a Local Atlas that is listening. */
export function usage(url: string): string {
  return `Point a Pulumi program at it:

  export MONGODB_ATLAS_BASE_URL=${url}
  export MONGODB_ATLAS_CLIENT_ID=${defaultClientId}
  export MONGODB_ATLAS_CLIENT_SECRET=${defaultClientSecret}

Make requests fail:

  curl ${url}/fail -d '{"endpoint": "revoke", "status": 403}'
  curl ${url}/fail -d '{"endpoint": "revoke", "status": 503, "times": 2, "retryAfter": 1}'
  curl ${url}/settings -d '{"requestsPerWindow": 2, "windowSeconds": 20}'

See the requests:

  curl ${url}/log
`;
}
