import { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "../../../examples/local-atlas";

/** To be called where scenarios are described: what one of them starts ends with it. */
export function useLocalAtlas(): (options?: LocalAtlasOptions) => Promise<LocalAtlas> {
  const running: LocalAtlas[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((atlas) => atlas.close()));
  });
  return async (options) => {
    const atlas = await startLocalAtlas(options);
    running.push(atlas);
    return atlas;
  };
}
