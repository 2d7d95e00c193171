import type { Endpoint, LocalAtlas } from "../../../examples/local-atlas";

/** What was answered to the requests for an endpoint, in their order. */
export function answers(atlas: LocalAtlas, endpoint: Endpoint): (number | null)[] {
  return atlas
    .log()
    .filter((request) => request.endpoint === endpoint)
    .map(({ status }) => status);
}

/** Whether each token that was issued is active, in the order of their issue. */
export function actives(atlas: LocalAtlas): boolean[] {
  return atlas.tokens().map(({ active }) => active);
}
