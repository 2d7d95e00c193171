import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { CallOptions, TokenEvent } from "pulumi-atlas-token/oauth";
import { decode, readTokens, UnreadableState, type IncompleteToken, type StoredToken } from "./exported-state";
import { Report } from "./report";
import { candidateSecrets, isExpiredHere, missingSecret, revoke, type Outcome, type RevokeOptions } from "./revoke";

/** What the script uses of its process. */
export interface Io {
  readonly stdin: AsyncIterable<Buffer> & { readonly isTTY?: boolean };
  /** Writes to the report. */
  readonly print: (text: string) => void;
  /** Writes a line of progress or an error. */
  readonly log: (line: string) => void;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends all waits; the report then lists what was not revoked. */
  readonly signal: AbortSignal;
  /** Writes to the audit log. */
  readonly onEvent: ((event: TokenEvent) => void) | undefined;
}

export const USAGE = `Revokes every active token in an exported state of a Pulumi stack.

  pulumi -C PROGRAM stack export --show-secrets | main.ts [--dry-run]
  main.ts [--dry-run] FILE

  --dry-run  lists what would be revoked, and where credentials would be sent,
             without sending anything
  --help     prints this text

If the state does not contain a client secret, MONGODB_ATLAS_CLIENT_SECRET is
used: for the service account in MONGODB_ATLAS_CLIENT_ID, or for any service
account if MONGODB_ATLAS_CLIENT_ID is not set.

Exit codes: 0 if every token is revoked or expired, 1 if at least one is not,
2 if the arguments or the state are invalid.`;

/** Runs the script and resolves with its exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      io.print(`${USAGE}\n`);
      return 0;
    }
    return await revokeAll(readTokens(decode(await readState(positionals, io.stdin))), values["dry-run"], io);
  } catch (error) {
    if (!(error instanceof UnreadableState || error instanceof UsageError)) throw error;
    io.log(`break-glass: ${error.message}`);
    return 2;
  }
}

class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    const options = {
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(".")[0] ?? ""}; see --help`);
  }
}

async function readState(files: readonly string[], stdin: Io["stdin"]): Promise<Uint8Array> {
  const [file, ...others] = files;
  if (others.length > 0) throw new UsageError("only one state can be passed; see --help");
  if (file === undefined && stdin.isTTY === true) throw new UsageError("pass a file or pipe a state in; see --help");
  try {
    return file === undefined || file === "-" ? await buffer(stdin) : await readFile(file);
  } catch (error) {
    throw new UnreadableState(`reading the state failed (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

async function revokeAll(
  tokens: readonly (StoredToken | IncompleteToken)[],
  dryRun: boolean,
  { print, log, color, env, signal, onEvent }: Io,
): Promise<number> {
  const report = new Report(tokens, color);
  const options = { waitSignal: signal, onWait: announceWaits(log), onEvent };
  // The client queues the requests and sends them as fast as the rate limit of each service account allows.
  const results = await Promise.all(
    tokens.map(async (token) => {
      const result = { token, outcome: await revokeOne(token, dryRun, env, options) };
      print(report.line(result));
      return result;
    }),
  );
  print(report.summary(results));
  return results.some(({ outcome }) => outcome.status === "not revoked") ? 1 : 0;
}

async function revokeOne(
  token: StoredToken | IncompleteToken,
  dryRun: boolean,
  env: Io["env"],
  options: RevokeOptions,
): Promise<Outcome> {
  if ("missing" in token) {
    const problem = `${token.missing} is missing from the state; the state was modified outside Pulumi`;
    const advice = "Restore the state from a backup.";
    return { status: "not revoked", reason: `no ${token.missing}`, problem, advice };
  }
  const secrets = candidateSecrets(token, env);
  const isExpired = isExpiredHere(token);
  const expired: Outcome = { status: "expired", knownBy: "local-clock" };
  if (secrets.length === 0) return isExpired ? expired : missingSecret(token.clientId);
  if (dryRun) return isExpired ? expired : { status: "would revoke" };
  return revoke(token, secrets, options);
}

const BETWEEN_LINES = 15_000;

/** Prints what a service account waits for, however many of its tokens wait: once a wait, and every 15 s at most. */
function announceWaits(log: Io["log"]): NonNullable<CallOptions["onWait"]> {
  const quietUntil = new Map<string, number>();
  return ({ code, waitMs, pending, succeeded, estimateMs, origin, clientId }) => {
    const account = JSON.stringify([origin, clientId]);
    if (Date.now() < (quietUntil.get(account) ?? 0)) return;
    quietUntil.set(account, Date.now() + Math.max(waitMs, BETWEEN_LINES));
    const { host } = new URL(origin);
    const progress = [pending === 1 ? "1 token to revoke" : `${pending} tokens to revoke`];
    if (succeeded > 0) {
      progress.push(`${succeeded} done`);
      if (estimateMs !== undefined) progress.push(`about ${Math.ceil(estimateMs / 60_000)} min left`);
    }
    const reason = code === "rate_limited" ? `Rate limited by ${host}` : `${host}: ${code}`;
    log(`${reason}; retrying in ${Math.ceil(waitMs / 1000)} s (client ID ${clientId}: ${progress.join(", ")})`);
  };
}
