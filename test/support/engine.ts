import { findOrDownloadEngine } from "../../examples/demo/find-engine";

let engine: ReturnType<typeof findOrDownloadEngine> | undefined;
let said = false;

/** The path of the Pulumi CLI. If there is none, skips what the caller describes, or fails with `ENGINE=required`. */
export async function requireEngine(context: Mocha.Context): Promise<string> {
  const found = await (engine ??= findOrDownloadEngine(console.log));
  if (found) return found.command;
  if (process.env["ENGINE"] === "required") throw new Error("ENGINE=required, but no Pulumi CLI was found");
  if (!said) console.log("  Skipped whatever needs the Pulumi engine: no Pulumi CLI was found.");
  said = true;
  return context.skip();
}
