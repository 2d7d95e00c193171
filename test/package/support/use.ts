import { startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { makeProject, type Project, type ProjectOptions } from "./project";
import { needingRegistry } from "./registry";

/** Installs a project before the tests of a suite and removes it after them. */
export function useProject(options: ProjectOptions): () => Project {
  let project: Project | undefined;
  before(async function () {
    project = await needingRegistry(this, () => makeProject(options));
  });
  after(() => project?.remove());
  return () => project!;
}

/** Starts a local Atlas for each test of a suite. */
export function useLocalAtlas(): () => LocalAtlas {
  let atlas: LocalAtlas | undefined;
  beforeEach(async () => {
    atlas = await startLocalAtlas();
  });
  afterEach(() => atlas?.close());
  return () => atlas!;
}
