const colour = process.stdout.isTTY && !process.env["NO_COLOR"];

function paint(code: number, text: string): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export function heading(text: string): void {
  process.stdout.write(`\n${paint(1, `== ${text}`)}\n\n`);
}

/** Prose, broken into lines that fit the terminal. */
export function paragraph(text: string): void {
  const width = Math.min(process.stdout.columns || 80, 100);
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      process.stdout.write(`${line}\n`);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  process.stdout.write(`${line}\n`);
}

/** What Pulumi printed, with the colours that Pulumi gives to its marks. */
export function transcript(output: string): void {
  const lines = output.trim().split("\n");
  for (const line of lines) process.stdout.write(`  ${paintLine(line)}\n`);
}

function paintLine(line: string): string {
  if (/^\s*(?:\+-|\+\+|--) /.test(line)) return paint(33, line);
  if (/^\s*\+ /.test(line)) return paint(32, line);
  if (/^\s*- /.test(line) || /\berror: /.test(line)) return paint(31, line);
  return line;
}
