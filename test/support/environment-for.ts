import { defaultClientId, defaultClientSecret, type LocalAtlas } from "../../examples/local-atlas";

/** What a machine has in its environment that works with a local Atlas and its default account. */
export function environmentFor({ url }: Pick<LocalAtlas, "url">): Record<string, string> {
  return {
    MONGODB_ATLAS_BASE_URL: url,
    MONGODB_ATLAS_CLIENT_ID: defaultClientId,
    MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret,
  };
}
