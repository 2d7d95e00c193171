import { unauthorized } from "./contract";
import type { HttpResponse } from "./http-response";
import type { State } from "./state";

/** Responds 200 to an active token and 401 to anything else. */
export function systemStatus({ tokens }: State, token: string | undefined): HttpResponse {
  if (token === undefined || tokens.find(token)?.active !== true) return unauthorized;
  return {
    status: 200,
    headers: { "content-type": "application/vnd.atlas.2023-01-01+json;charset=utf-8" },
    body: { appName: "MongoDB Atlas", build: "0a1b2c3", links: [], throttling: false },
  };
}
