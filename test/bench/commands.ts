import type { Row } from "./report";
import { compare, sample } from "./samples";
import type { Workspace } from "./workspace";

const MEASURED = ["dynamic", "bare", "idle", "packaged", "bare-packaged", "idle-packaged"] as const;
const YES = ["--yes", "--skip-preview"];
const COMMANDS = { up: ["up", ...YES], preview: ["preview"], destroy: ["destroy", ...YES] };
/** How much of dynamic's time packaged takes, at most. */
const PACKAGED_AT_MOST = { up: "≤ 0.85", preview: "≤ 0.85", destroy: "≤ 0.7" };

/** What a resource takes in the state, and the time of the commands that users run. */
export async function benchCommands(workspace: Workspace, rounds: ReadonlyMap<number, number>): Promise<Row[]> {
  // This warms up the machine as well.
  const states = await sample([...MEASURED, "thin", "plain"], 1, async (contender) => {
    await workspace.pulumi(contender, ["stack", "init"]);
    await workspace.pulumi(contender, COMMANDS.up, 1);
    const bytes = bytesOf((await workspace.pulumi(contender, ["stack", "export"])).stdout);
    await workspace.pulumi(contender, COMMANDS.destroy);
    return { bytes };
  });
  const rows = compare(states, "bytes", { section: "State", what: "one token", unit: "B" }, [
    ["dynamic", "plain"],
    ["packaged", "plain"],
    ["dynamic", "thin", "≤ 0.67"],
    ["packaged", "thin", "≤ 0.5"],
  ]);
  for (const [count, times] of rounds) {
    const samples = await sample(MEASURED, times, async (contender) => {
      const time = async (command: readonly string[]): Promise<number> => {
        const run = await workspace.pulumi(contender, command, count);
        if (!run.stdout.includes(` ${count + 1} `)) throw new Error(`${contender}: ${run.stdout.slice(-2000)}`);
        return run.seconds;
      };
      const { up, preview, destroy } = COMMANDS;
      return { up: await time(up), preview: await time(preview), destroy: await time(destroy) };
    });
    for (const command of ["up", "preview", "destroy"] as const) {
      const what = `\`pulumi ${command}\` of ${count.toLocaleString("en-US")}`;
      // A preview sends no request.
      const rival = command === "preview" ? "idle" : "bare";
      const comparisons = [
        ["dynamic", rival, "≤ 1.05"],
        ["packaged", `${rival}-packaged`, "≤ 1.05"],
        ["packaged", "dynamic", PACKAGED_AT_MOST[command]],
      ] as const;
      rows.push(...compare(samples, command, { section: "Commands", what, unit: "s" }, comparisons));
    }
  }
  return rows;
}

/** The state of a token in bytes of compact JSON, with its secrets encrypted. */
function bytesOf(exported: string): number {
  const { deployment } = JSON.parse(exported) as { deployment: { resources: { urn: string }[] } };
  return JSON.stringify(deployment.resources.find(({ urn }) => urn.endsWith("::token-0"))).length;
}
