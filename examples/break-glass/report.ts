import type { IncompleteToken, StoredToken } from "./exported-state";
import type { Outcome } from "./revoke";

export interface Result {
  readonly token: StoredToken | IncompleteToken;
  readonly outcome: Outcome;
}

type Status = Outcome["status"];

/** Escape codes of the terminal: green, yellow, dim and red. */
const COLORS: Readonly<Record<Status, string>> = {
  revoked: "32",
  "would revoke": "33",
  expired: "2",
  "not revoked": "31",
};
const STATUS_WIDTH = "would revoke".length + 2;
const LONGEST_ID = 24;
const WIDTH = 80;

/** Formats the results for a terminal of 80 columns. */
export class Report {
  readonly #idWidth: number;
  readonly #color: boolean;

  constructor(tokens: readonly { readonly id: string }[], color: boolean) {
    this.#idWidth = Math.min(LONGEST_ID, Math.max(0, ...tokens.map(({ id }) => printable(id).length)));
    this.#color = color;
  }

  /** One line for one token. */
  line({ token, outcome }: Result): string {
    const { status } = outcome;
    const id = printable(token.id).padEnd(this.#idWidth);
    return `${this.#paint(status, status.padEnd(STATUS_WIDTH))}${id}  ${detailsOf(token, outcome)}`.trimEnd() + "\n";
  }

  /**
   * What goes below the lines: each problem of a service account once, with what to do next; where a run without
   * `--dry-run` would send credentials; whose clock says that tokens have expired, if it is only this machine's; how to
   * replace what was revoked; the totals.
   */
  summary(results: readonly Result[]): string {
    if (results.length === 0) return "The state contains no tokens.\n";
    const totals = (Object.keys(COLORS) as Status[])
      .map((status) => ({ status, count: results.filter(({ outcome }) => outcome.status === status).length }))
      .filter(({ count }) => count > 0)
      .map(({ status, count }) => this.#paint(status, `${count} ${status}`));
    return [
      ...problemsOf(results),
      ...destinationsOf(results),
      ...clockNote(results),
      ...replaceNote(results),
      totals.join(", "),
    ]
      .map((paragraph) => `\n${paragraph}\n`)
      .join("");
  }

  #paint(status: Status, text: string): string {
    return this.#color ? `\u001b[${COLORS[status]}m${text}\u001b[0m` : text;
  }
}

function problemsOf(results: readonly Result[]): string[] {
  const problems = new Map<string, string>();
  for (const { token, outcome } of results) {
    if (outcome.status !== "not revoked") continue;
    const account = "missing" in token ? "" : [token.clientId, token.baseUrl];
    const key = JSON.stringify([outcome.reason, account]);
    if (problems.has(key)) continue;
    problems.set(key, [outcome.problem, `Next: ${outcome.advice}`].map(printable).map(wrapped).join("\n"));
  }
  return [...problems.values()];
}

function destinationsOf(results: readonly Result[]): string[] {
  const counts = new Map<string, number>();
  for (const { token, outcome } of results) {
    if (outcome.status !== "would revoke" || "missing" in token) continue;
    const destination = `  ${printable(token.baseUrl)}, client ID ${printable(token.clientId)}`;
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const lines = [...counts].map(
    ([destination, count]) => `${destination}: ${count} ${count === 1 ? "token" : "tokens"}`,
  );
  return [["Credentials would be sent to:", ...lines].join("\n")];
}

function clockNote(results: readonly Result[]): string[] {
  const isUnconfirmed = results.some(
    ({ outcome }) => outcome.status === "expired" && outcome.knownBy === "local-clock",
  );
  return isUnconfirmed ? ["Only this machine's clock says that tokens have expired; Atlas's is not known."] : [];
}

/** Revoking changes no state, so that previews stay quiet. */
function replaceNote(results: readonly Result[]): string[] {
  if (!results.some(({ outcome }) => outcome.status === "revoked")) return [];
  return [
    "The state still holds the revoked tokens. If the stack lives on, replace each:\n" +
      "pulumi up --replace URN (pulumi stack --show-urns prints the URNs).",
  ];
}

function detailsOf(token: StoredToken | IncompleteToken, outcome: Outcome): string {
  const expiresAt = "missing" in token ? undefined : token.expiresAt;
  switch (outcome.status) {
    case "revoked":
      return "";
    case "expired":
      return expiresAt?.toISOString().replace(/\.\d+Z$/, "Z") ?? "";
    case "would revoke":
      return describeExpiry(expiresAt);
    case "not revoked":
      return `${outcome.reason}, ${describeExpiry(expiresAt)}`;
  }
}

function describeExpiry(expiresAt: Date | undefined): string {
  if (expiresAt === undefined) return "expiry unknown";
  const minutes = Math.round((expiresAt.getTime() - Date.now()) / 60_000);
  return minutes > 0 ? `expires in ${minutes} min` : `expired ${-minutes} min ago`;
}

/** A modified state can contain anything, escape codes of the terminal included. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "");
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
