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
/** A reader needs this long for a step, and as much longer for each line. */
const SECONDS = { step: 2.5, line: 0.2 };

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

/** Draws a terminal that shows one step after the other, without the lines that only show progress. */
export function draw(transcript: string): string {
  const steps = stepsOf(transcript).map(({ title, lines }) => ({ title, lines: shortened(lines).flatMap(wrapped) }));
  const rows = Math.max(...steps.map(({ lines }) => lines.length)) + 2;
  const height = BAR + rows * LINE + 2 * MARGIN;
  const lengths = steps.map(({ lines }) => SECONDS.step + SECONDS.line * lines.length);
  lengths.push((lengths.pop() ?? 0) + SECONDS.step);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let start = 0;
  const styles: string[] = [];
  const groups = steps.map(({ title, lines }, index) => {
    const from = (100 * start) / total;
    start += lengths[index] ?? 0;
    const to = (100 * start) / total;
    styles.push(
      `@keyframes step${index}{0%{visibility:${index === 0 ? "visible" : "hidden"}}${percent(from)}{visibility:visible}` +
        `${percent(to)}{visibility:${to >= 100 ? "visible" : "hidden"}}100%{visibility:hidden}}`,
      `.step${index}{animation:step${index} ${total.toFixed(1)}s step-end infinite}`,
    );
    const text = [`# ${title}`, "", ...lines].map((line, row) => {
      const kind = row === 0 ? "title" : kindOf(line);
      const y = BAR + MARGIN + (row + 1) * LINE - 5;
      return line === ""
        ? ""
        : `<text x="${MARGIN}" y="${y}"${kind === "" ? "" : ` class="${kind}"`}>${escaped(line)}</text>`;
    });
    const count = `<text x="${WIDTH - MARGIN}" y="22" class="count">${index + 1} / ${steps.length}</text>`;
    return `<g class="step step${index}${title.includes("403") ? " still" : ""}">\n${[count, ...text].filter((line) => line !== "").join("\n")}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">A terminal: the life of a token, from pulumi up to pulumi destroy. demo.txt has the same as text.</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d0d7de;white-space:pre}
.title{fill:#79c0ff;font-weight:bold}.add{fill:#56d364}.replace{fill:#e3b341}.remove{fill:#ff938a}.count{fill:#8b949e;text-anchor:end}
.step{visibility:hidden}.still{visibility:visible}
${styles.join("\n")}
@media (prefers-reduced-motion:reduce){.step{animation:none!important}}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#57606a"/>
<path d="M0.5 ${BAR}H${WIDTH - 0.5}" stroke="#30363d"/>
<circle cx="22" cy="17" r="6" fill="#ff5f57"/><circle cx="42" cy="17" r="6" fill="#febc2e"/><circle cx="62" cy="17" r="6" fill="#28c840"/>
${groups.join("\n")}
</svg>
`;
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
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

function kindOf(line: string): string {
  if (/^\s*(?:\+-|\+\+|--|~) ?/.test(line)) return "replace";
  if (/^\s*\+ /.test(line)) return "add";
  if (/^\s*- /.test(line) || /\berror: /.test(line)) return "remove";
  return "";
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
