import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { page, root } from "./pages";

interface Schema {
  readonly displayName: string;
  readonly publisher: string;
  readonly keywords: readonly string[];
  readonly repository: string;
  readonly homepage: string;
  readonly logoUrl: string;
  readonly pluginDownloadURL: string;
  readonly language: { readonly go: { readonly importBasePath: string } };
  readonly config: { readonly variables: Readonly<Record<string, { readonly secret?: boolean }>> };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const schema = readJson("provider/plugin/schema.json") as Schema;
const manifest = readJson("package.json") as { repository: { url: string }; homepage: string };
const overview = page("docs/_index.md");

/** The languages of the schema and YAML, in the words of the Registry. */
const languages = [...Object.keys(schema.language), "yaml"].map((name) => (name === "nodejs" ? "typescript" : name));

/** What breaks a page in the Registry (`scripts/ci/community-package/doc_lint.py` in pulumi/registry). */
const BREAKING = {
  "a relative picture": /<img[^>]+src=["'](?!http)|!\[[^\]]*\]\((?!https?:)/,
  "a raw relative link": /<a[^>]+href=["'](?!http)/,
  "a link to a Markdown file": /\]\((?!https?:)[^)]*\.md[)#]/,
  "a heading that competes with the title": /^# /,
  "a shortcode with the wrong delimiters": /\{\{% \/?chooser\b|\{\{< \/?choosable\b/,
};

/** The lines of a page outside of code, with their numbers. */
function proseOf(text: string): string[] {
  let isCode = false;
  return text.split("\n").filter((line) => {
    const isFence = line.startsWith("```");
    if (isFence) isCode = !isCode;
    return !isCode && !isFence;
  });
}

function section(heading: string): string {
  const found = overview.text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(found !== undefined, `${overview.path} has no section ${heading}`);
  return found;
}

describe("the pages for the Pulumi Registry", () => {
  for (const path of [overview.path, "docs/installation-configuration.md"]) {
    const { text } = page(path);

    it(`begins with a title and a description that name the package: ${path}`, () => {
      const [, title = "", description = ""] =
        /^---\ntitle: (.*)\nmeta_desc: (.*)\nlayout: package\n---\n/.exec(text) ?? [];
      if (path === overview.path) assert.equal(title, schema.displayName);
      for (const named of [title, description]) assert.ok(named.includes(schema.displayName), named);
    });

    for (const [what, pattern] of Object.entries(BREAKING))
      it(`has nowhere ${what}: ${path}`, () =>
        assert.deepEqual(
          proseOf(text).filter((line) => pattern.test(line)),
          [],
        ));
  }

  it("have an overview with prose, then installation, example and configuration", () => {
    const [prose = "", ...sections] = overview.text.split(/^## /m);
    assert.match(prose, /---\n\n\w/);
    const headings = sections.map((part) => part.split("\n", 1)[0]);
    assert.deepEqual(headings.slice(0, 3), ["Installation", "Example Usage", "Configuration"]);
  });

  for (const heading of ["Installation", "Example Usage"])
    it(`have a tab for each language of the schema: ${heading}`, () => {
      const text = section(heading);
      const chosen = /\{\{< chooser language "(.*)" >\}\}/.exec(text)?.[1]?.split(",") ?? [];
      const tabs = [...text.matchAll(/\{\{% choosable language (\w+) %\}\}\n\n```\w+\n[^]*?\{\{% \/choosable %\}\}/g)];
      assert.deepEqual([...chosen].sort(), [...languages].sort());
      assert.deepEqual(
        tabs.map(([, language]) => language),
        chosen,
      );
    });

  it("name each configuration key, and say which is a secret", () => {
    const keys = [...section("Configuration").matchAll(/^- `(\w+)` \((?:Required|Optional)(, Secret)?\)/gm)];
    const isSecret: unknown = Object.fromEntries(keys.map(([, key, secret]) => [key, secret !== undefined]));
    const variables = Object.entries(schema.config.variables);
    assert.deepEqual(isSecret, Object.fromEntries(variables.map(([key, { secret }]) => [key, secret === true])));
  });
});

describe("the schema, for the Pulumi Registry", () => {
  it("names a publisher and a category", () => {
    assert.ok(schema.publisher.length > 0);
    assert.ok(schema.keywords.some((keyword) => keyword.startsWith("category/")));
  });

  it("names the same repository everywhere, from which the plugin and the logo are downloaded", () => {
    const repository = manifest.repository.url.replace(/^git\+(.*)\.git$/, "$1");
    const name = repository.replace("https://github.com/", "");
    assert.equal(schema.repository, repository);
    assert.deepEqual([schema.homepage, manifest.homepage], [`${repository}#readme`, `${repository}#readme`]);
    assert.equal(schema.pluginDownloadURL, `github://api.github.com/${name}`);
    assert.equal(schema.language.go.importBasePath, `github.com/${name}/sdk/go/atlastoken`);
    const logo = schema.logoUrl.replace(`https://raw.githubusercontent.com/${name}/main/`, "");
    assert.ok(logo.endsWith(".svg") && existsSync(join(root, logo)), logo);
  });
});
