import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { draw, shown, stepsOf, wrapped } from "../../docs/images/render-demo";
import { blocks, pages, root } from "./pages";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const transcript = read("docs/images/demo.txt");

describe("samples of output in the docs", () => {
  const updating = process.env["UPDATE_GOLDEN"] === "1";
  if (updating) before(update);

  for (const { page, line, code, source } of blocks) {
    if (source === undefined) continue;
    it(`${page}:${line} is the ${source}`, () => {
      if (updating) return;
      assert.equal(code, sample(source), "UPDATE_GOLDEN=1 copies the output into the page");
    });
  }

  it("are marked with their source in the README and in docs", () => {
    const unmarked = blocks
      .filter(({ page, language }) => /^(?:README|docs\/)/.test(page) && language === "text")
      .filter(({ source }) => source === undefined)
      .map(({ page, line }) => `${page}:${line}`);
    assert.deepEqual(unmarked, []);
  });
});

describe("the demo's recording", () => {
  it("has the steps that the demo has, made on the engine", () => {
    assert.match(transcript, /^The Pulumi engine \d/);
    const steps = [...read("examples/demo/demo.ts").matchAll(/heading\("([^"]+)"/g)].map(([, title]) => title);
    const recorded = stepsOf(transcript).map(({ title }) => title);
    assert.deepEqual(recorded, steps);
  });

  it("has the messages of today", () => {
    const lines = transcript.split("\n").map((line) => line.replace("error: ", "").trim());
    const files = ["resource/diff-within-renewBefore", "resource/delete-invalid_client", "waits/service_unavailable"];
    for (const line of files.flatMap((file) => read(`test/golden/${file}.txt`).trim().split("\n"))) {
      const escaped = line.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const pattern = new RegExp(`^${escaped.replaceAll(VARIABLE, ".*")}$`);
      const isPrinted = lines.some((text) => pattern.test(text));
      assert.ok(isPrinted, `the demo printed no such line; record it again: ${line}`);
    }
  });

  it("is drawn from the transcript", () => {
    assert.equal(read("docs/images/demo.svg"), draw(transcript));
  });
});

/** What differs between a golden file and a run. */
const VARIABLE =
  /ci-\w+|\d{4}-[\d-]+T[\d:]+Z|[\d.\\]+ (?:s|min)\b|\d+ in |atlas\\\.example(?::\d+)?|mdb_sa_id_fake|fake-client|the argument clientSecret \\\(|\d+ tokens? |\d+ done, /g;

/** The golden file, or the step of the demo, that a marker names. */
function sample(marker: string): string {
  const [kind, name = ""] = marker.split(": ");
  if (kind === "demo") return shown(transcript, name);
  return read(`test/golden/${name}`).split("\n").flatMap(wrapped).join("\n");
}

function update(): void {
  for (const { path, text } of pages) {
    const updated = text.replaceAll(
      /^(<!-- ((?:golden|demo): .*?) -->\n\n```text\n).*?^```$/gms,
      (_, head: string, marker: string) => `${head}${sample(marker)}\`\`\``,
    );
    if (updated !== text) writeFileSync(join(root, path), updated);
  }
}
