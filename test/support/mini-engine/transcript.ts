import { isDeepStrictEqual } from "node:util";
import { countChanges } from "../changes";
import { isBookkeeping, nameOf, stackType } from "../checkpoint";
import { projectName, stackName } from "../names";
import type { Op, Step } from "../stack";
import { encrypted, isSecret, reveal, unknownValue, type Properties } from "../values";
import { urnOf } from "./goal";
import type { State } from "./state";

export type Severity = "info" | "warning" | "error";

export const stackUrn = urnOf("", stackType, `${projectName}-${stackName}`);

/** What happened, as facts and as the text that a person would read. */
export class Transcript {
  readonly steps: Step[] = [];
  readonly failed: Step[] = [];
  private text = "";
  private readonly diagnostics = new Map<string, string[]>();

  constructor(
    private readonly kind: "preview" | "update" | "refresh" | "destroy",
    private readonly onOutput: (text: string) => void,
  ) {
    this.write(`${titles[kind]} (${stackName}):`, "");
  }

  finished(op: Op, state: State, before?: State, comparedByEngine = false): void {
    if (isBookkeeping(state.type)) return;
    this.steps.push(toStep(op, state));
    if (op === "same") return;
    const { mark, planned, done } = words[op];
    const word = this.kind === "preview" ? planned : done;
    this.write(
      [mark, state.type, nameOf(state.urn), word, shortDiff(before, state, comparedByEngine)].join(" ").trimEnd(),
    );
  }

  failedStep(op: Op, state: State, message: string): void {
    if (!isBookkeeping(state.type)) this.failed.push(toStep(op, state));
    const { mark, failing } = words[op];
    this.write(`${mark} ${state.type} ${nameOf(state.urn)} **${failing} failed**`);
    this.diagnose("error", message, state.urn);
  }

  diagnose(severity: Severity, message: string, urn = ""): void {
    const prefix = severity === "info" ? "" : `${severity}: `;
    this.print(prefix + message.trimEnd(), urn);
  }

  /** What no resource said: Pulumi shows it under the stack. */
  print(text: string, urn = ""): void {
    if (text === "") return;
    const subject = urn === "" ? stackUrn : urn;
    this.diagnostics.set(subject, [...(this.diagnostics.get(subject) ?? []), ...text.split("\n")]);
  }

  interrupted(): void {
    this.write("^C received; cancelling.");
  }

  /** Closes with all that was said, and tells the whole text. */
  close(outputs: Properties): string {
    this.write(
      ...section("Diagnostics", [...this.diagnostics].map(diagnosticText).join("\n\n")),
      ...section("Outputs", Object.entries(outputs).map(outputText).join("\n")),
      ...section("Resources", this.summary()),
    );
    return this.text;
  }

  private write(...lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    this.text += text;
    this.onOutput(text);
  }

  private summary(): string {
    const { same = 0, ...changes } = countChanges(this.steps);
    const lines = Object.entries(changes).map(([op, count]) => {
      const { mark, planned, done } = words[op as Op];
      return `${mark.trim().padEnd(2)}${count} ${this.kind === "preview" ? `to ${planned}` : done}`;
    });
    if (same > 0) lines.push(`${same} unchanged`);
    if (this.failed.length > 0) lines.push(`${this.failed.length} errored`);
    return lines.map((line) => `    ${line}`).join("\n");
  }
}

const titles = { preview: "Previewing update", update: "Updating", refresh: "Refreshing", destroy: "Destroying" };

const words: Record<Op, { mark: string; planned: string; done: string; failing: string }> = {
  same: { mark: "   ", planned: "unchanged", done: "unchanged", failing: "" },
  create: { mark: " + ", planned: "create", done: "created", failing: "creating" },
  update: { mark: " ~ ", planned: "update", done: "updated", failing: "updating" },
  delete: { mark: " - ", planned: "delete", done: "deleted", failing: "deleting" },
  replace: { mark: " +-", planned: "replace", done: "replaced", failing: "replacing" },
  "create-replacement": {
    mark: " ++",
    planned: "create replacement",
    done: "created replacement",
    failing: "creating",
  },
  "delete-replaced": { mark: " --", planned: "delete original", done: "deleted original", failing: "deleting" },
  "remove-pending-replace": { mark: " ~ ", planned: "complete replace", done: "completed replace", failing: "" },
  refresh: { mark: " ~ ", planned: "refresh", done: "refreshed", failing: "refreshing" },
};

function toStep(op: Op, { urn, type, id }: State): Step {
  return { op, name: nameOf(urn), type, ...(id ? { id } : {}) };
}

function section(title: string, text: string): string[] {
  return text === "" ? [] : [`${title}:`, text, ""];
}

function diagnosticText([urn, lines]: [string, readonly string[]]): string {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return [`  ${type} (${nameOf(urn)}):`, ...lines.map((line) => `    ${line}`)].join("\n");
}

function outputText([name, value]: [string, unknown]): string {
  if (isSecret(value)) return `    ${name}: [secret]`;
  return `    ${name}: ${value === unknownValue ? "[unknown]" : JSON.stringify(value)}`;
}

/** Names the inputs that changed, as Pulumi does: a replacement for another reason shows none. */
function shortDiff(before: State | undefined, after: State, comparedByEngine: boolean): string {
  if (!before || before === after) return "";
  // The CLI is shown no secret: it sees no difference between two of them, unless the engine told of one.
  const shown = comparedByEngine ? reveal : encrypted<Properties>;
  const [olds, news] = [shown(before.inputs), shown(after.inputs)];
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter((name) => !name.startsWith("__"))
    .sort();
  const added = names.filter((name) => !(name in olds));
  const removed = names.filter((name) => !(name in news));
  const changed = names.filter((name) => name in olds && name in news && !isDeepStrictEqual(olds[name], news[name]));
  const parts = [
    ["+", added],
    ["-", removed],
    ["~", changed],
  ] as const;
  const text = parts.map(([sign, found]) => (found.length === 0 ? "" : sign + found.join(","))).join("");
  return text === "" ? "" : `[diff: ${text}]`;
}
