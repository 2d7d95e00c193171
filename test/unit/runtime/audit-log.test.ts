import assert from "node:assert/strict";
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { auditEventSchema, openAuditLog } from "../../../provider/runtime/audit-log";
import type { TokenEvent } from "../../../provider/oauth/events";
import { golden } from "../../support/golden";
import { skip } from "../../support/skip";

const event: TokenEvent = {
  time: "2026-11-01T12:00:00.000Z",
  event: "revoked",
  resourceId: "ci-0a1b2c3d",
  clientId: "mdb_sa_id_fake",
  origin: "https://atlas.example",
  tokenSha256: "0".repeat(64),
  status: 200,
  attempts: 1,
  serviceVersion: "gitHash=0a1b2c3",
};

function linesOf(file: string): TokenEvent[] {
  const text = readFileSync(file, "utf8");
  assert.ok(text.endsWith("\n"));
  return text
    .trimEnd()
    .split("\n")
    .map((line) => auditEventSchema.parse(JSON.parse(line)));
}

describe("the audit log", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "audit-log-"));
    file = join(folder, "tokens.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const warn = (line: string): never => assert.fail(line);

  it("is created for its owner alone, and gets a line for each event that its schema accepts", () => {
    const append = openAuditLog(file, warn);
    const failed: TokenEvent = { time: event.time, event: "issue_failed", clientId: "", origin: "", code: "aborted" };
    append(event);
    append(failed);
    assert.deepEqual(linesOf(file), [event, failed]);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("keeps what the file contains, and its mode", () => {
    writeFileSync(file, `${JSON.stringify(event)}\n`);
    chmodSync(file, 0o644);
    openAuditLog(file, warn)(event);
    assert.equal(linesOf(file).length, 2);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o644);
  });

  it("has whole lines if several processes append to it", async () => {
    const script = `
      const { openAuditLog } = require("./dist/runtime/audit-log");
      const append = openAuditLog(process.argv[1], console.error);
      const event = JSON.parse(process.argv[2]);
      for (let i = 0; i < 500; i++) append({ ...event, resourceId: process.argv[3] + "-" + i });`;
    const children = ["a", "b", "c"].map((name) =>
      fork("-e", [script, file, JSON.stringify(event), name], { execArgv: [] }),
    );
    await Promise.all(children.map((child) => once(child, "exit")));
    assert.equal(new Set(linesOf(file).map(({ resourceId }) => resourceId)).size, 1500);
  });

  it("starts a new line if a disk that was full cut the last one, and the documented command still finds its tokens", function () {
    const append = openAuditLog(file, warn);
    append({ ...event, event: "issued" });
    writeFileSync(file, '{"time":"2026-11-01T12:00:00.000Z","eve', { flag: "a" });
    append({ ...event, event: "issued", resourceId: "ci-4e5f6a7b", tokenSha256: "1".repeat(64) });
    append(event);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    assert.equal(lines.length, 4);
    for (const line of lines.toSpliced(1, 1)) auditEventSchema.parse(JSON.parse(line));
    const [, flags = "", command = ""] =
      /^jq (-\w+) '(.*)' \S+$/m.exec(readFileSync("docs/secrets-state-audit.md", "utf8")) ?? [];
    if (spawnSync("jq", ["--version"]).status !== 0) skip(this, "jq was not found");
    const found = spawnSync("jq", [flags, command, file], { encoding: "utf8" });
    assert.deepEqual([found.status, found.stdout], [0, "ci-4e5f6a7b\n"], found.stderr);
  });

  it("warns once if the file cannot be written, and the operations continue", () => {
    const lines: string[] = [];
    const append = openAuditLog("/nonexistent/\u001b[2Ktokens.jsonl", (line) => void lines.push(line));
    append(event);
    append(event);
    golden("resource/audit-log-warning.txt", lines.join("\n"));
  });

  it("has a schema that refuses what is not documented", () => {
    const wrong = [
      { ...event, token: "t" },
      { ...event, tokenSha256: "t" },
      { ...event, event: "lost" },
      { ...event, time: "now" },
      { ...event, status: null },
    ];
    for (const line of wrong) assert.equal(auditEventSchema.safeParse(line).success, false);
    for (const status of [0, 42, 600, 999, 1e9]) auditEventSchema.parse({ ...event, status });
  });
});
