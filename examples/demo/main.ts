import { startLocalAtlas } from "../local-atlas";
import { openStack, theEngine } from "../../test/support/open-stack";
import { runDemo } from "./demo";
import { heading, paragraph } from "./terminal";

/** A demo that hangs is worse than one that fails. */
const LONGEST = 110_000;

async function main(): Promise<void> {
  const engine = await theEngine();
  paragraph(
    engine
      ? `The Pulumi engine ${engine.version} runs the program of examples/quickstart against Local Atlas.`
      : "No Pulumi engine was found: Pulumi's own dynamic-provider host runs the program of examples/quickstart instead, " +
          "driven as the engine would drive it, against Local Atlas.",
  );
  const atlas = await startLocalAtlas();
  const stack = await openStack(engine ? "engine" : "host");
  const cleanUp = async (): Promise<void> => {
    await Promise.all([stack.close(), atlas.close()]);
  };
  const giveUp = (why: string): void => {
    heading(why);
    void cleanUp().finally(() => process.exit(1));
  };
  process.once("SIGINT", () => giveUp("Interrupted."));
  process.once("SIGTERM", () => giveUp("Interrupted."));
  const timer = setTimeout(() => giveUp("The demo took too long and was ended."), LONGEST);
  try {
    // The engine takes some seconds for an operation: the token must not be due before the second step.
    await runDemo(stack, atlas, engine ? 25 : 5);
  } finally {
    clearTimeout(timer);
    await cleanUp();
  }
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  heading(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
});
