import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { CallOptions } from "pulumi-atlas-token/oauth";
import { readTokens, UnreadableState, type StoredToken, type Unusable } from "./exported-state";
import { Report } from "./report";
import { isExpired, missingSecret, revoke, type Outcome } from "./revoke";
import { secretsFor } from "./secrets";

/** What the script has of its process. */
export interface Surroundings {
  readonly stdin: AsyncIterable<Buffer> & { readonly isTTY?: boolean };
  /** Takes the report. */
  readonly print: (text: string) => void;
  /** Takes what is said beside it: mistakes, and what is waited for. */
  readonly say: (line: string) => void;
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends what is still to be done. */
  readonly signal: AbortSignal;
}

export const USAGE = `Revokes every live token that an exported state of a Pulumi stack holds.

  pulumi -C PROGRAM stack export --show-secrets | main.ts [--dry-run]
  main.ts [--dry-run] FILE

  --dry-run  says what would be done, and calls nobody
  --help     says this

A secret that the state does not hold is taken from MONGODB_ATLAS_CLIENT_SECRET:
for the service account in MONGODB_ATLAS_CLIENT_ID, or for any where that is not
set.

Ends with 0 if every token is revoked or expired, 1 if one is not, and 2 if the
arguments or the state are of no use.`;

/** Runs the script; resolves with its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, say } = surroundings;
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      print(`${USAGE}\n`);
      return 0;
    }
    const tokens = readTokens(await readState(positionals, surroundings));
    return await revokeAll(tokens, values["dry-run"], surroundings);
  } catch (error) {
    if (!(error instanceof UnreadableState || error instanceof Misuse)) throw error;
    say(`break-glass: ${error.message}`);
    return 2;
  }
}

/** A mistake in the arguments. */
class Misuse extends Error {}

function parse(args: readonly string[]) {
  try {
    const options = {
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Misuse(`${(error as Error).message.split(".")[0] ?? ""}; see --help`);
  }
}

async function readState(files: readonly string[], { stdin }: Surroundings): Promise<string> {
  const [file, ...rest] = files;
  if (rest.length > 0) throw new Misuse("one state at a time; see --help");
  if (file === undefined && stdin.isTTY === true) throw new Misuse("name a file, or pipe a state in; see --help");
  try {
    return file === undefined || file === "-" ? await text(stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new UnreadableState(`the state could not be read (${(error as NodeJS.ErrnoException).code ?? "no code"})`);
  }
}

async function revokeAll(
  tokens: readonly (StoredToken | Unusable)[],
  dryRun: boolean,
  { print, say, colour, env, signal }: Surroundings,
): Promise<number> {
  const report = new Report(tokens, colour);
  const options = { signal, onWait: announceWaits(say) };
  // All at once: the client sends them one after another as fast as the rate limit of each service account allows.
  const results = await Promise.all(
    tokens.map(async (token) => {
      const result = { token, outcome: await settle(token, dryRun, env, options) };
      print(report.token(result));
      return result;
    }),
  );
  print(report.summary(results));
  return results.some(({ outcome }) => outcome.status === "not revoked") ? 1 : 0;
}

async function settle(
  token: StoredToken | Unusable,
  dryRun: boolean,
  env: Surroundings["env"],
  options: Pick<CallOptions, "signal" | "onWait">,
): Promise<Outcome> {
  if ("missing" in token) {
    const reason = `no ${token.missing}`;
    const problem = `the state holds ${reason} of a token: it was edited, or written by something else`;
    return { status: "not revoked", reason, problem, advice: "restore the state from a backup" };
  }
  if (isExpired(token)) return { status: "expired" };
  const secrets = secretsFor(token, env);
  if (!dryRun) return revoke(token, secrets, options);
  return secrets.length === 0 ? missingSecret(token.clientId) : { status: "would revoke" };
}

/** One line a wait, however many tokens wait for the same. */
function announceWaits(say: (line: string) => void): NonNullable<CallOptions["onWait"]> {
  let announced = 0;
  return ({ code, waitMs, pending }) => {
    if (Date.now() < announced) return;
    announced = Date.now() + waitMs;
    say(`waiting ${Math.ceil(waitMs / 1000)} s (${code}), ${pending} to go`);
  };
}
