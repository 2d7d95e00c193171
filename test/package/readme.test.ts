import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { startLocalAtlas, type LocalAtlas } from "../../examples/local-atlas";
import { blocks } from "../docs/pages";
import { cleanEnv } from "../support/clean-env";
import { requireEngine } from "../support/engine";
import { environmentFor } from "../support/environment-for";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { repository, run, skipIfUnreachable } from "./support/project";

const [nodejs = "", plugin = ""] = blocks
  .filter(({ page, language }) => page === "README.md" && language === "sh")
  .map(({ code }) => code);
const program = blocks.find(({ page, language }) => page === "README.md" && language === "ts")?.code ?? "";

describe("The README's installation, as it is written", () => {
  let root: string;
  let atlas: LocalAtlas;
  beforeEach(async () => {
    root = await makeTempDir();
    atlas = await startLocalAtlas();
    const clone = join(root, "pulumi-atlas-token");
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: repository, encoding: "utf8" });
    for (const file of files
      .trim()
      .split("\n")
      .filter((file) => existsSync(join(repository, file)))) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(repository, file), join(clone, file));
    }
  });
  afterEach(async () => {
    await atlas.close();
    await removeTempDir(root);
  });

  /** Pastes lines into a shell whose working directory is a folder below the root. */
  function paste(folder: string, lines: string, command = ""): Promise<string> {
    const env = cleanEnv({
      ...(command === "" ? {} : { PATH: [dirname(command), process.env["PATH"]].join(delimiter) }),
      PULUMI_HOME: join(root, "home"),
      PULUMI_BACKEND_URL: `file://${root}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...environmentFor(atlas),
    });
    return run("bash", ["-euc", lines], join(root, folder), env);
  }

  async function issuesAndRevokes(folder: string, command: string): Promise<void> {
    const lines = "pulumi stack init dev\npulumi up --yes --skip-preview\npulumi destroy --yes --skip-preview\n";
    await paste(folder, lines, command);
    assert.deepEqual(
      atlas.log().map(({ endpoint, status }) => `${endpoint} ${status}`),
      ["issue 200", "revoke 200"],
    );
  }

  it("gives a program in TypeScript a token, after a first block that needs only Node.js", async function () {
    await skipIfUnreachable(this, () => paste("pulumi-atlas-token", nodejs));
    writeFileSync(join(root, "my-stack", "index.ts"), program);
    await issuesAndRevokes("my-stack", await requireEngine(this));
  });

  it("gives a program in Python a token", async function () {
    const command = await requireEngine(this);
    await skipIfUnreachable(this, () => paste("pulumi-atlas-token", plugin, command));
    await issuesAndRevokes("my-python-stack", command);
  });
});
