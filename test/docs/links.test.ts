import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { pages, root } from "./pages";

describe("links and paths in the docs", () => {
  for (const { path, text } of pages) {
    it(`exist in ${path}`, () => {
      for (const [, file = ""] of text.matchAll(/`((?:provider|test|examples|docs|templates)\/[\w./-]*)`/g)) {
        assert.ok(existsSync(join(root, file)), `${path}: ${file} does not exist`);
      }
      for (const target of linksOf(text)) {
        const [file = "", anchor] = target.split("#");
        const resolved = file === "" ? path : normalize(join(file.startsWith("/") ? "." : dirname(path), file));
        assert.ok(existsSync(join(root, resolved)), `${path}: ${target} does not exist`);
        if (anchor === undefined) continue;
        const page = statSync(join(root, resolved)).isDirectory() ? join(resolved, "README.md") : resolved;
        const anchors = anchorsOf(readFileSync(join(root, page), "utf8"));
        assert.ok(anchors.includes(anchor), `${path}: ${target} has no such heading`);
      }
    });
  }
});

const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { repository: { url: string } };
/** How the pages of the Pulumi Registry link to files of this repository. */
const ownFiles = new RegExp(`^${repository.url.replace(/^git\+(.*)\.git$/, "$1")}/(?:blob|tree)/main/`);

/**
 * Targets of links and pictures in this repository, outside of code: relative ones, and from its root with a slash. A folder
 * without an extension in `_index.md` is the Registry's.
 */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"/g)]
    .map(([, link, picture]) => (link ?? picture ?? "").replace(ownFiles, "/"))
    .filter((target) => !/^(?:https?:|mailto:)/.test(target) && target !== "./installation-configuration/");
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(text: string): string[] {
  return [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}
