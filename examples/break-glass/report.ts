import type { StoredToken, Unusable } from "./exported-state";
import type { Outcome } from "./revoke";

export interface Result {
  readonly token: StoredToken | Unusable;
  readonly outcome: Outcome;
}

type Status = Outcome["status"];

/** Escape codes of the terminal: green, yellow, dim and red. */
const COLOURS: Readonly<Record<Status, string>> = {
  revoked: "32",
  "would revoke": "33",
  expired: "2",
  "not revoked": "31",
};
const STATUS_WIDTH = "would revoke".length + 2;
const LONGEST_ID = 34;
const WIDTH = 80;

/** Writes what a person reads, for a terminal of 80 columns. */
export class Report {
  readonly #idWidth: number;
  readonly #colour: boolean;

  constructor(tokens: readonly { readonly id: string }[], colour: boolean) {
    this.#idWidth = Math.min(LONGEST_ID, Math.max(0, ...tokens.map(({ id }) => printable(id).length)));
    this.#colour = colour;
  }

  /** One line a token. */
  token({ token, outcome }: Result): string {
    const { status } = outcome;
    const id = printable(token.id).padEnd(this.#idWidth);
    return `${this.#paint(status, status.padEnd(STATUS_WIDTH))}${id}  ${detailsOf(token, outcome)}`.trimEnd() + "\n";
  }

  /** Why tokens were not revoked, what to do about it, each reason of a service account once; last, the numbers. */
  summary(results: readonly Result[]): string {
    if (results.length === 0) return "The state holds no token.\n";
    const problems = new Map<string, string>();
    for (const { token, outcome } of results) {
      if (outcome.status !== "not revoked") continue;
      const key = JSON.stringify([outcome.reason, "missing" in token ? "" : [token.clientId, token.baseUrl]]);
      if (problems.has(key)) continue;
      problems.set(key, [outcome.problem, `Next: ${outcome.advice}.`].map(printable).map(wrapped).join("\n"));
    }
    const counts = (Object.keys(COLOURS) as Status[])
      .map((status) => ({ status, count: results.filter(({ outcome }) => outcome.status === status).length }))
      .filter(({ count }) => count > 0)
      .map(({ status, count }) => this.#paint(status, `${count} ${status}`));
    return [...problems.values(), counts.join(", ")].map((each) => `\n${each}\n`).join("");
  }

  #paint(status: Status, text: string): string {
    return this.#colour ? `\u001b[${COLOURS[status]}m${text}\u001b[0m` : text;
  }
}

function detailsOf(token: StoredToken | Unusable, outcome: Outcome): string {
  const expiresAt = "missing" in token ? undefined : token.expiresAt;
  switch (outcome.status) {
    case "revoked":
      return "";
    case "expired":
      return expiresAt?.toISOString().replace(/\.\d+Z$/, "Z") ?? "";
    case "would revoke":
      return describeLife(expiresAt);
    case "not revoked":
      return `${outcome.reason}, ${describeLife(expiresAt)}`;
  }
}

function describeLife(expiresAt: Date | undefined): string {
  if (expiresAt === undefined) return "expiry unknown";
  const minutes = Math.round((expiresAt.getTime() - Date.now()) / 60_000);
  return minutes > 0 ? `expires in ${minutes} min` : `expired ${-minutes} min ago`;
}

/** An edited state can hold anything, escape codes of the terminal included. */
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
