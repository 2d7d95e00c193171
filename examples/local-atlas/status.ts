import { apiError, applyQuery, type HttpResponse } from "./http-response";
import type { Request } from "./request";
import type { State } from "./state";

/** The smallest endpoint of Atlas that takes an access token; see the operation "getSystemStatus". */
export const STATUS_PATH = "/api/atlas/v2";

/** Responds 200 to an active token and 401 to anything else. */
export function systemStatus({ tokens }: State, { headers, query }: Request): HttpResponse {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const isActive = token !== undefined && tokens.find(token)?.active === true;
  if (!isActive) return apiError(401, "Unauthorized", "You are not authorized for this resource.");
  return applyQuery(
    {
      status: 200,
      headers: { "content-type": "application/vnd.atlas.2023-01-01+json;charset=utf-8" },
      body: { appName: "MongoDB Atlas", build: "0a1b2c3", links: [], throttling: false },
    },
    query,
  );
}
