import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { draw, stepsOf } from "../../docs/images/render-demo";
import { blocks, pages, root, type Block } from "./pages";

const transcript = readFileSync(join(root, "docs/images/demo.txt"), "utf8");

describe("samples of output in the docs", () => {
  if (process.env["UPDATE_GOLDEN"] === "1") before(update);

  for (const block of blocks.filter(({ source }) => source?.startsWith("golden: ") === true)) {
    it(`${block.page}:${block.line} is the ${block.source ?? ""}`, () => {
      assert.equal(block.code, golden(block), "UPDATE_GOLDEN=1 copies the golden file into the page");
    });
  }

  for (const { page, line, code } of blocks.filter(({ source }) => source === "demo")) {
    it(`${page}:${line} is what the demo printed`, () => {
      const printed = linesOf(transcript);
      for (const text of linesOf(code)) assert.ok(printed.has(text), text);
    });
  }

  it("are marked with their source in the README and in docs", () => {
    const unmarked = blocks
      .filter(
        ({ page, language, source }) => /^(?:README|docs\/)/.test(page) && language === "text" && source === undefined,
      )
      .map(({ page, line }) => `${page}:${line}`);
    assert.deepEqual(unmarked, []);
  });
});

describe("the demo's recording", () => {
  it("has the steps that the demo has", () => {
    const code = execFileSync("git", ["grep", "-h", "-E", "heading\\(|title:", "--", "examples/demo/*.ts"], {
      cwd: root,
      encoding: "utf8",
    });
    const titles = [...code.matchAll(/\b(?:heading\(|title: )"([^"]+)"/g)].map(([, title]) => title);
    assert.deepEqual(
      stepsOf(transcript).map(({ title }) => title),
      titles,
    );
  });

  it("was made on the engine", () => {
    assert.match(transcript, /^The Pulumi engine \d/);
  });

  it("is drawn from the transcript", () => {
    assert.equal(readFileSync(join(root, "docs/images/demo.svg"), "utf8"), draw(transcript));
  });
});

function golden({ source = "" }: Block): string {
  const file = join(root, "test/golden", source.replace("golden: ", ""));
  assert.ok(existsSync(file), `${file} does not exist`);
  return readFileSync(file, "utf8");
}

function update(): void {
  for (const { path, text } of pages) {
    const updated = text.replaceAll(/^<!-- golden: (\S+) -->\n\n```text\n(.*?)^```$/gms, (_, file: string) => {
      const code = golden({ source: file } as Block);
      return `<!-- golden: ${file} -->\n\n\`\`\`text\n${code}\`\`\``;
    });
    if (updated !== text) writeFileSync(join(root, path), updated);
  }
}

/** The lines of a text, without what differs from run to run. */
function linesOf(text: string): Set<string> {
  return new Set(
    text
      .replaceAll(/\bci-[0-9a-f]{8}\b/g, "ci-…")
      .split("\n")
      .map((line) => line.trim()),
  );
}
