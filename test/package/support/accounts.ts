import { defaultClientId, defaultClientSecret, type LocalAtlas } from "../../../examples/local-atlas";

/** The service account of local Atlas, as a stack's configuration names it. */
export function configFor({ url }: LocalAtlas): Record<string, string> {
  return {
    "mongodbatlas:baseUrl": url,
    "mongodbatlas:clientId": defaultClientId,
    "mongodbatlas:clientSecret": defaultClientSecret,
  };
}

/** How many tokens are active, of how many that were issued. */
export function countTokens(atlas: LocalAtlas): { readonly issued: number; readonly active: number } {
  const tokens = atlas.tokens();
  return { issued: tokens.length, active: tokens.filter(({ active }) => active).length };
}
