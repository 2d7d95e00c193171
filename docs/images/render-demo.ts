/**
 * Records the demo on the Pulumi engine and draws the recording: `npx ts-node -T docs/images/render-demo.ts`.
 *
 * `demo.txt` is what the demo printed; `demo.svg` is drawn from it. With `--draw` the demo is not run again.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const COLUMNS = 92;
const CHARACTER = 8.4;
const LINE = 19;
const MARGIN = 20;
const BAR = 34;
const WIDTH = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);

interface Step {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Reads a transcript of the demo: one step for each heading. */
export function stepsOf(transcript: string): Step[] {
  return transcript
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...lines] = section.trimEnd().split("\n");
      return { title, lines };
    });
}

/** The lines of the step whose title contains some words, without those that only show progress, as a terminal wraps them. */
export function shown(transcript: string, words: string): string {
  const step = stepsOf(transcript).find(({ title }) => title.includes(words));
  return `${shortened(step?.lines ?? [])
    .flatMap(wrapped)
    .join("\n")}\n`;
}

/** The error of the destroy that is refused, without the frame that Pulumi puts around it. */
function refusal(transcript: string): string {
  const diagnostics = shortened(stepsOf(transcript).find(({ title }) => title.includes("was rotated"))?.lines ?? []);
  const error = /^ {4}error: ServiceAccountToken .*\n(?: {6}.*\n)*/m.exec(`${diagnostics.join("\n")}\n`)?.[0] ?? "";
  return error.replaceAll(/^ {4}/gm, "");
}

/** Draws the destroy that is refused and the one that succeeds, with the lines of the error that matter most. */
export function draw(transcript: string): string {
  const rows = [
    { kind: "prompt", line: "$ pulumi destroy   # the client secret was rotated since the last `pulumi up`" },
    ...refusal(transcript)
      .replace(/\n  Request: [^]*?(?=\n  The token)/, "\n  …")
      .replace(/\n  Or[^]*/, "")
      .split("\n")
      .flatMap((line) =>
        wrapped(line).map((row) => ({ kind: line.startsWith("  Next") ? "next" : "error", line: row })),
      ),
    { kind: "", line: "" },
    { kind: "prompt", line: "$ export MONGODB_ATLAS_CLIENT_SECRET=…" },
    { kind: "prompt", line: "$ pulumi destroy" },
    ...shortened(stepsOf(transcript).find(({ title }) => title.includes("current secret"))?.lines ?? [])
      .filter((line) => /^ - .*Token ci deleted/.test(line))
      .map((line) => ({ kind: "done", line })),
  ];
  const height = BAR + rows.length * LINE + 2 * MARGIN;
  const texts = rows.map(({ kind, line }, row) => {
    const y = BAR + MARGIN + (row + 1) * LINE - 5;
    return `<text x="${MARGIN}" y="${y}"${kind === "" ? "" : ` class="${kind}"`}>${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">A terminal: pulumi destroy is refused and says what to do; after that, it succeeds. demo.txt has the whole demo as text.</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d0d7de;white-space:pre}
.prompt{fill:#79c0ff}.error{fill:#ff938a}.done{fill:#56d364}.next{fill:#ffffff;font-weight:bold}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#57606a"/>
<path d="M0.5 ${BAR}H${WIDTH - 0.5}" stroke="#30363d"/>
<circle cx="22" cy="17" r="6" fill="#ff5f57"/><circle cx="42" cy="17" r="6" fill="#febc2e"/><circle cx="62" cy="17" r="6" fill="#28c840"/>
${texts.join("\n")}
</svg>
`;
}

function shortened(lines: readonly string[]): string[] {
  const kept = lines
    .filter(
      (line) =>
        !/^ *@ |ing (?:replacement |original )?\(\d+s\)|^ *Duration:|stack rm| history and configuration |^Waiting \d+ s, until/.test(
          line,
        ),
    )
    // Pulumi shows a message once in its progress and once under "Diagnostics": the second is the one that stays.
    .filter(
      (line) => !/\*\*deleting failed\*\*|Stack \S+ (?:running | (?!\d+ (?:error|message|warning))\S)/.test(line),
    );
  return kept
    .map((line) => line.trimEnd().slice(2))
    .join("\n")
    .trim()
    .split(/\n(?:\s*\n)*/)
    .flatMap((line) => (/^\s*(?:Outputs|Resources|Diagnostics|The plan):/.test(line) ? ["", line] : [line]));
}

/** Breaks a long line between words, but not inside a command in backticks. */
export function wrapped(line: string): string[] {
  const indent = " ".repeat(line.search(/\S|$/));
  const lines: string[] = [];
  for (const word of line.trimStart().split(/ (?=(?:[^`]*`[^`]*`)*[^`]*$)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${lines.length === 0 ? "" : "  "}${word}`);
  }
  return lines;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function record(): string {
  const root = join(__dirname, "..", "..");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/ts-node/dist/bin.js"), "-T", join(root, "examples/demo/main.ts")],
    { cwd: root, encoding: "utf8" },
  );
  if (status !== 0 || !stdout.includes("The Pulumi engine"))
    throw new Error(`The demo did not run:\n${stdout}${stderr}`);
  return stdout;
}

if (require.main === module) {
  const file = join(__dirname, "demo.txt");
  const transcript = process.argv.includes("--draw") ? readFileSync(file, "utf8") : record();
  writeFileSync(file, transcript);
  writeFileSync(join(__dirname, "demo.svg"), draw(transcript));
}
