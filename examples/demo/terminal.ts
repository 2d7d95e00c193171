const color = process.stdout.isTTY && !process.env["NO_COLOR"];

function paint(code: number, text: string): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export function heading(text: string): void {
  process.stdout.write(`\n${paint(1, `== ${text}`)}\n\n`);
}

/** Prints prose, wrapped to fit the terminal. */
export function paragraph(text: string): void {
  process.stdout.write(`${fitted(text, Math.min(process.stdout.columns || 80, 100))}\n`);
}

/** Prints Pulumi's output. At a terminal its lines are wrapped and have Pulumi's colors. */
export function transcript(output: string): void {
  const width = process.stdout.isTTY ? process.stdout.columns : Infinity;
  // Without Pulumi's dots of progress.
  const lines = output.split("\n").filter((line) => !line.startsWith("@ "));
  for (const line of lines.join("\n").trim().split("\n")) {
    process.stdout.write(`${paintLine(fitted(`  ${line}`, width, 2))}\n`);
  }
}

/** Wraps a line between words; the lines that follow have its indentation and `hanging` more spaces. */
function fitted(line: string, width: number, hanging = 0): string {
  const indent = line.search(/\S|$/);
  const lines: string[] = [];
  for (const word of line.slice(indent).split(" ")) {
    const last = lines.at(-1);
    const room = width - indent - (lines.length > 1 ? hanging : 0);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return " ".repeat(indent) + lines.join(`\n${" ".repeat(indent + hanging)}`);
}

function paintLine(line: string): string {
  if (/^\s*(?:\+-|\+\+|--) /.test(line)) return paint(33, line);
  if (/^\s*\+ /.test(line)) return paint(32, line);
  if (/^\s*- /.test(line) || /\berror: /.test(line)) return paint(31, line);
  return line;
}
