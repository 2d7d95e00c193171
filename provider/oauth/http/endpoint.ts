/** The two endpoints, by what they do: `POST /api/oauth/token` issues, `POST /api/oauth/revoke` revokes. */
export type Endpoint = "issue" | "revoke";

export const PATHS = {
  issue: "/api/oauth/token",
  revoke: "/api/oauth/revoke",
  /** Atlas's smallest endpoint that takes an access token: `GET`, documented as "Return the Status of This MongoDB Application". */
  status: "/api/atlas/v2",
} as const satisfies Readonly<Record<Endpoint | "status", string>>;
