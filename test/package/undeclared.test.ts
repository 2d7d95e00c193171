import assert from "node:assert/strict";
import { environmentFor } from "../support/environment-for";
import { configFor } from "./support/accounts";
import { CommandFailure } from "./support/command";
import { declare, tokenOf } from "./support/declare";
import { needingEngine, pulumiIn } from "./support/engine";
import { withInstalledHost } from "./support/installed-host";
import { undeclaredLayout } from "./support/layouts";
import { manifest } from "./support/repository";
import { useLocalAtlas, useProject } from "./support/use";

describe("The package, installed by pnpm for a component library but not for the program", () => {
  const project = useProject(undeclaredLayout);
  const atlas = useLocalAtlas();
  const remedy = (): string => `\`npm install ${manifest.name}\` in ${project().folder}`;

  it("says in Pulumi's provider host what to install where, and issues nothing", async () => {
    const { inputs } = tokenOf(await declare(project(), "index.js"));
    await withInstalledHost(project(), configFor(atlas()), async (host) => {
      await assert.rejects(host.check({}, inputs), ({ message }: Error) => message.includes(remedy()));
      await assert.rejects(host.create(inputs), ({ message }: Error) => message.includes(remedy()));
    });
    assert.deepEqual(atlas().log(), []);
  });

  it("says the same in the preview of a real engine", async function () {
    const pulumi = await pulumiIn(project(), await needingEngine(this), environmentFor(atlas()));
    await pulumi("stack", "init", "test");
    await assert.rejects(pulumi("preview"), ({ output }: CommandFailure) => output.includes(remedy()));
    assert.deepEqual(atlas().log(), []);
  });
});
