/** The two endpoints, by what they do: `POST /api/oauth/token` issues, `POST /api/oauth/revoke` revokes. */
export type Endpoint = "issue" | "revoke";

export const PATHS: Readonly<Record<Endpoint, string>> = { issue: "/api/oauth/token", revoke: "/api/oauth/revoke" };
