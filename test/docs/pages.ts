import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "..", "..");

export interface Page {
  /** The path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What a comment right above the block names: `<!-- golden: FILE -->` or `<!-- demo: STEP -->`. */
  readonly source: string | undefined;
}

function filesLike(pattern: string): Page[] {
  const paths = execFileSync("git", ["ls-files", "-co", "--exclude-standard", pattern], {
    cwd: root,
    encoding: "utf8",
  });
  // The listing still has the files that a change has moved or removed.
  const existing = paths
    .trim()
    .split("\n")
    .filter((path) => existsSync(join(root, path)));
  return existing.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Every Markdown page of the repository. */
export const pages: readonly Page[] = filesLike("*.md").filter(({ path }) => !path.startsWith(".github/"));

export function page(path: string): Page {
  const found = pages.find((candidate) => candidate.path === path);
  if (found === undefined) throw new Error(`there is no page ${path}`);
  return found;
}

/** The fenced blocks of all pages. */
export const blocks: readonly Block[] = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/(?:^<!-- ((?:golden|demo): .*?) -->\n\n)?^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    page: path,
    line: text.slice(0, match.index).split("\n").length,
    language: match[2] ?? "",
    code: match[3] ?? "",
    source: match[1],
  })),
);

/** The examples in doc comments. */
export const examples: readonly Block[] = filesLike("provider/*.ts").flatMap(({ path, text }) =>
  [...text.matchAll(/^ *\* @example\n((?: *\* (?!@).*\n)+)/gm)].map(({ index, 1: code = "" }) => ({
    page: path,
    line: text.slice(0, index).split("\n").length,
    language: "ts",
    code: code.replaceAll(/^ *\* /gm, ""),
    source: undefined,
  })),
);

/** The first cells of the rows of the table under a heading, without backticks; a cell may hold several names. */
export function namesInTable({ path, text }: Page, heading: string): string[] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${path} has no heading "${heading}"`);
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));
}
