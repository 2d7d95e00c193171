import { run } from "./run";

const interruption = new AbortController();
// The first Ctrl-C ends the waiting, and the summary tells what is left; a second one ends the script at once.
process.once("SIGINT", () => interruption.abort());

const { NO_COLOR = "", TERM } = process.env;

void run(process.argv.slice(2), {
  stdin: process.stdin,
  print: (text) => void process.stdout.write(text),
  say: (line) => void process.stderr.write(`${line}\n`),
  colour: process.stdout.isTTY && NO_COLOR === "" && TERM !== "dumb",
  env: process.env,
  signal: interruption.signal,
}).then((code) => (process.exitCode = code));
