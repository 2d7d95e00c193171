import type { Account } from "./observe";

/**
 * Reads the service account and the base URL from the environment.
 *
 * @throws an error that names the variable that is missing or invalid
 */
export function readAccount(env: NodeJS.ProcessEnv): Account {
  const clientId = env["MONGODB_ATLAS_CLIENT_ID"]?.trim() ?? "";
  const clientSecret = env["MONGODB_ATLAS_CLIENT_SECRET"]?.trim() ?? "";
  if (clientId === "" || clientSecret === "") {
    throw new Error("set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET");
  }
  if (clientId.startsWith("mdb_sa_sk_") || clientSecret.startsWith("mdb_sa_id_")) {
    throw new Error("MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET are swapped");
  }
  const baseUrl = env["MONGODB_ATLAS_BASE_URL"]?.trim() || "https://cloud.mongodb.com";
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isLocal = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url === undefined || !(isLocal || url.protocol === "https:")) {
    throw new Error("MONGODB_ATLAS_BASE_URL must use https (http is allowed only on localhost)");
  }
  return { origin: url.origin, clientId, clientSecret };
}
