import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectName } from "../../support/names";
import { loadExample } from "./load-example";
import { stackFixture, succeeds } from "./stack-fixture";

const minutes = 60_000;

describe("the example rotation", () => {
  let age = 0;
  let inFileAtRevoke: string | undefined;
  let revokes = 0;
  const fixture = stackFixture({
    now: () => Date.now() - age,
    before: ({ endpoint }) => {
      if (endpoint !== "revoke") return;
      revokes++;
      inFileAtRevoke = readFile();
    },
  });
  const program = (): Record<string, unknown> => loadExample("rotation");
  const file = (): string => join(fixture().stack.folder, "agent-token");
  const readFile = (): string | undefined => (existsSync(file()) ? readFileSync(file(), "utf8") : undefined);

  beforeEach(async () => {
    age = 0;
    revokes = 0;
    await fixture().stack.setConfig(`${projectName}:file`, file());
    await fixture().stack.setConfig(`${projectName}:rotation`, "1");
  });

  it("writes the token to a file for its owner alone, and the state keeps it encrypted", async () => {
    const { stack, atlas } = fixture();
    await succeeds(stack.up(program));
    const [token] = atlas.tokens();
    assert.ok(token);
    assert.equal(readFile(), token.token);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.ok(!(await stack.exportText()).includes(token.token));
  });

  it("leaves a token alone that has more than half an hour", async () => {
    const { stack, atlas } = fixture();
    age = 29 * minutes;
    await succeeds(stack.up(program));
    age = 0;
    const { changes } = await succeeds(stack.up(program));
    assert.deepEqual(changes, { same: 2 });
    assert.equal(atlas.tokens().length, 1);
  });

  it("replaces a token that has less, and the file has the new one before the old one is revoked", async () => {
    const { stack, atlas } = fixture();
    age = 31 * minutes;
    await succeeds(stack.up(program));
    age = 0;
    await succeeds(stack.up(program));
    const [old, current] = atlas.tokens();
    assert.ok(old && current);
    assert.deepEqual([old.active, current.active], [false, true]);
    assert.equal(inFileAtRevoke, current.token);
  });

  it("replaces a token at once where rotation is counted up", async () => {
    const { stack, atlas } = fixture();
    await succeeds(stack.up(program));
    await stack.setConfig(`${projectName}:rotation`, "2");
    const { changes } = await succeeds(stack.up(program));
    assert.equal(changes.replace, 1);
    assert.equal(readFile(), atlas.tokens()[1]?.token);
  });

  it("removes the file before the token is revoked", async () => {
    const { stack, atlas } = fixture();
    await succeeds(stack.up(program));
    await succeeds(stack.destroy());
    assert.deepEqual({ revokes, inFileAtRevoke }, { revokes: 1, inFileAtRevoke: undefined });
    assert.equal(atlas.tokens()[0]?.active, false);
  });
});
