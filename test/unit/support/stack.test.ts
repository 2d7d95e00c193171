import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { forEachDriver } from "../../support/open-stack";
import type { Run, Stack, StateResource } from "../../support/stack";
import { unknownValue } from "../../support/values";
import { callsOf, Thing, type ThingArgs } from "./thing";

type Options = pulumi.CustomResourceOptions;

/** `two` needs `one`, by its secret output. */
function pair(one: ThingArgs = {}, two: ThingArgs = {}, options: Options = {}) {
  return () => {
    const first = new Thing("one", one, options);
    const second = new Thing("two", { value: first.token, ...two });
    return { token: second.token, value: first.value };
  };
}

function single(args: ThingArgs = {}, options: Options = {}) {
  return () => {
    const thing = new Thing("one", args, options);
    return { value: thing.value };
  };
}

function nothing() {
  return {};
}

function did(run: Run): string[] {
  return run.steps.map(({ op, name }) => `${op} ${name}`);
}

function failed(run: Run): string[] {
  return run.failed.map(({ op, name }) => `${op} ${name}`);
}

async function find(stack: Stack, name: string): Promise<StateResource> {
  const found = (await stack.state()).filter((resource) => resource.name === name && !resource.delete);
  assert.equal(found.length, 1);
  return found[0]!;
}

function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /Process|Socket|Server/.test(kind));
}

async function names(stack: Stack): Promise<string[]> {
  return (await stack.state()).map((resource) => resource.name + (resource.delete ? " (to be deleted)" : ""));
}

/** The same scenarios with both drivers: so the miniature of the engine is measured by the engine itself. */
forEachDriver((driver) => {
  let stack: Stack;
  // Where no engine is found nothing is opened, and this is not set.
  let openBefore = Infinity;
  const folders: string[] = [];

  before(() => {
    openBefore = openResources().length;
  });

  beforeEach(async () => {
    stack = await driver.open();
    folders.push(stack.folder);
  });

  after("nothing is left open", () => {
    assert.ok(openResources().length <= openBefore, openResources().join());
    assert.deepEqual(folders.filter(existsSync), []);
  });

  async function up(program: Parameters<Stack["up"]>[0], options?: Parameters<Stack["up"]>[1]): Promise<Run> {
    const run = await stack.up(program, options);
    assert.equal(run.succeeded, true, run.output);
    return run;
  }

  /** What is in place before the scenario begins. */
  async function given(program: Parameters<Stack["up"]>[0]): Promise<void> {
    await up(program);
    callsOf(stack);
  }

  describe("up", () => {
    it("creates what is declared, and first what is needed", async () => {
      const run = await up(pair());
      assert.deepEqual(did(run), ["create one", "create two"]);
      assert.deepEqual(run.changes, { create: 2 });
      assert.deepEqual(callsOf(stack), [
        "configure - -",
        "check one after nothing",
        "create one",
        "check token of … after nothing",
        "create token of …",
      ]);
    });

    it("keeps what the provider answered, and hands it to the program", async () => {
      const run = await up(pair());
      const [one, two] = [await find(stack, "one"), await find(stack, "two")];
      assert.deepEqual(one.inputs, { key: "1", value: "one" });
      assert.deepEqual(one.outputs, { key: "1", value: "one", token: `token of ${one.id!}` });
      assert.equal(two.inputs.value, one.outputs.token);
      assert.deepEqual(run.outputs, { token: two.outputs.token, value: "one" });
      assert.deepEqual(
        run.steps.map(({ id }) => id),
        [one.id, two.id],
      );
      assert.equal(one.urn, "urn:pulumi:test::scenario::pulumi-nodejs:dynamic/test:Thing::one");
    });

    it("does nothing when nothing changed", async () => {
      await given(pair());
      const run = await up(pair());
      assert.deepEqual(did(run), ["same one", "same two"]);
      assert.deepEqual(callsOf(stack), ["configure - -", "check one after one", "check token of … after token of …"]);
    });

    it("updates in place, and leaves alone what needs an output that stayed", async () => {
      await given(pair());
      const before = await find(stack, "one");
      const run = await up(pair({ value: "changed" }));
      assert.deepEqual(did(run), ["update one", "same two"]);
      assert.match(run.output, /one updated.*\[diff: ~value\]/);
      const { id, outputs } = await find(stack, "one");
      assert.equal(id, before.id);
      assert.deepEqual(outputs, { ...before.outputs, value: "changed" });
    });

    it("replaces by creating first, then updating what needs it, then deleting", async () => {
      await given(pair());
      const run = await up(pair({ key: "2", value: "new" }));
      assert.deepEqual(did(run), ["create-replacement one", "replace one", "update two", "delete-replaced one"]);
      assert.deepEqual(run.changes, { replace: 1, update: 1 });
      assert.deepEqual(callsOf(stack).slice(1), [
        "check new after one",
        "check new after nothing",
        "create new",
        "check token of … after token of …",
        "update token of … to token of …",
        "delete one",
      ]);
    });

    it("deletes first where the provider asks for it, with what would be replaced as well", async () => {
      await given(pair({}, { key: "follows" }));
      const dependent = () => {
        const first = new Thing("one", { key: "2", deletesFirst: true });
        new Thing("two", { value: first.token, key: "follows" });
      };
      const run = await up(() => {
        dependent();
        return {};
      });
      assert.deepEqual(did(run), ["delete-replaced one", "replace one", "create-replacement one", "update two"]);
    });

    it("deletes first what cannot live on without what is deleted first", async () => {
      const program = (key: string) => () => {
        const first = new Thing("one", { key, deletesFirst: true });
        new Thing("two", { key: first.token });
        return {};
      };
      await given(program("1"));
      const run = await up(program("2"));
      assert.deepEqual(did(run), [
        "delete-replaced two",
        "delete-replaced one",
        "replace one",
        "create-replacement one",
        "replace two",
        "create-replacement two",
      ]);
    });

    it("deletes what is no longer declared, and first what needs it", async () => {
      await given(pair());
      const run = await up(nothing);
      assert.deepEqual(did(run), ["delete two", "delete one"]);
      assert.deepEqual(await names(stack), []);
      assert.deepEqual(run.outputs, {});
    });
  });

  describe("preview", () => {
    it("creates nothing, and hands on what it cannot know", async () => {
      const run = await stack.preview(pair());
      assert.deepEqual(did(run), ["create one", "create two"]);
      assert.deepEqual(
        run.steps.map(({ id }) => id),
        [undefined, undefined],
      );
      assert.deepEqual(callsOf(stack), [
        "configure - -",
        "check one after nothing",
        `check ${unknownValue} after nothing`,
      ]);
      assert.deepEqual(await names(stack), []);
      assert.deepEqual(run.outputs, {});
    });

    it("shows a replacement and what follows from it, and does none of it", async () => {
      await given(pair());
      const run = await stack.preview(pair({ key: "2" }));
      assert.deepEqual(did(run), ["create-replacement one", "replace one", "update two", "delete-replaced one"]);
      assert.match(run.output, /\+- .*one replace.*\[diff: ~key\]/);
      assert.match(run.output, /Diagnostics:[^]*the key of one changed/);
      assert.deepEqual(
        callsOf(stack).filter((call) => !/^(configure|check)/.test(call)),
        [],
      );
      assert.deepEqual((await find(stack, "one")).inputs, { key: "1", value: "one" });
    });
  });

  describe("a failure", () => {
    it("of a check is shown, and nothing is created", async () => {
      for (const operation of ["preview", "up"] as const) {
        const run = await stack[operation](single({ value: "bad" }));
        assert.equal(run.succeeded, false);
        assert.deepEqual([did(run), failed(run)], [[], []]);
        assert.match(
          run.output,
          /error: .*Thing resource 'one': property value value \{bad\} has a problem: it is bad/,
        );
        assert.doesNotMatch(run.output, /failed$/m);
        assert.deepEqual(await names(stack), []);
      }
    });

    it("of a check repeats the value to blame, even that of a secret", async () => {
      const run = await stack.preview(single({ value: pulumi.secret("bad") }));
      assert.match(run.output, /property value value \{&\{\{bad\}\}\} has a problem/);
    });

    it("of a creation stores nothing, and ends the program", async () => {
      stack.env.THING_FAILS = "create one";
      const run = await stack.up(pair());
      assert.equal(run.succeeded, false);
      assert.deepEqual([did(run), failed(run)], [[], ["create one"]]);
      assert.match(run.output, /\(one\):\n +error: create of one failed/);
      assert.match(run.output, /error: update failed/);
      assert.deepEqual(await names(stack), []);
      assert.deepEqual(run.outputs, {});
    });

    it("to initialize keeps the resource, and the next up updates it", async () => {
      stack.env.THING_FAILS = "init one";
      const run = await stack.up(single());
      assert.equal(run.succeeded, false);
      assert.deepEqual(failed(run), ["create one"]);
      assert.match(run.output, /error: 1 error occurred:\n\s+\* it did not come up/);
      const kept = await find(stack, "one");
      assert.deepEqual(kept.initErrors, ["it did not come up"]);
      assert.deepEqual(kept.outputs, { key: "1", value: "one", token: `token of ${kept.id!}` });
      assert.deepEqual(kept.secretOutputs, ["token"]);

      stack.env.THING_FAILS = "";
      assert.deepEqual(did(await up(single())), ["update one"]);
      assert.equal((await find(stack, "one")).initErrors, undefined);
    });

    it("to initialize in an update keeps the inputs that it had", async () => {
      await given(single());
      stack.env.THING_FAILS = "init new";
      const run = await stack.up(single({ value: "new" }));
      assert.deepEqual(failed(run), ["update one"]);
      const { inputs, outputs, initErrors } = await find(stack, "one");
      assert.deepEqual([inputs.value, outputs.value, initErrors], ["one", "new", ["it did not come up"]]);
    });

    it("of an update keeps what there was", async () => {
      await given(single());
      stack.env.THING_FAILS = "update";
      const run = await stack.up(single({ value: "new" }));
      assert.deepEqual([run.succeeded, failed(run)], [false, ["update one"]]);
      assert.equal((await find(stack, "one")).inputs.value, "one");
      assert.deepEqual(run.outputs, { value: "one" });
    });

    it("of a deletion keeps the resource, and the next destroy tries again", async () => {
      await given(pair());
      stack.env.THING_FAILS = "delete one";
      const run = await stack.destroy();
      assert.deepEqual([run.succeeded, did(run), failed(run)], [false, ["delete two"], ["delete one"]]);
      assert.match(run.output, /\(one\):\n +error: delete of one failed/);
      assert.match(run.output, /Error: delete of one failed: Error: delete of one failed\n +at /);
      assert.deepEqual(await names(stack), ["one"]);

      delete stack.env.THING_FAILS;
      const again = await stack.destroy();
      assert.deepEqual([again.succeeded, did(again)], [true, ["delete one"]]);
      assert.deepEqual(await names(stack), []);
    });

    it("to delete what was replaced leaves both, and the next up tries again", async () => {
      await given(pair());
      stack.env.THING_FAILS = "delete one";
      const run = await stack.up(pair({ key: "2" }));
      assert.deepEqual(did(run), ["create-replacement one", "replace one", "update two"]);
      assert.deepEqual(failed(run), ["delete-replaced one"]);
      assert.deepEqual(await names(stack), ["one", "two", "one (to be deleted)"]);

      delete stack.env.THING_FAILS;
      const again = await up(pair({ key: "2" }));
      assert.deepEqual(did(again), ["same one", "same two", "delete-replaced one"]);
      assert.deepEqual(again.changes, { same: 2 });
      assert.deepEqual(await names(stack), ["one", "two"]);
    });

    it("of a diff stops everything", async () => {
      await given(single());
      stack.env.THING_FAILS = "diff";
      const run = await stack.up(single({ value: "new" }));
      assert.deepEqual([run.succeeded, did(run), failed(run)], [false, [], []]);
      assert.match(run.output, /\(one\):\n +error: diff of new failed/);
    });

    it("of the program itself is shown, and nothing is deleted", async () => {
      await given(pair());
      const run = await stack.up(() => {
        new Thing("one", {});
        throw new Error("the program broke");
      });
      assert.equal(run.succeeded, false);
      assert.match(run.output, /error: .*the program broke/);
      assert.deepEqual((await names(stack)).sort(), ["one", "two"]);
    });

    it("leaves the test's own handlers in place", async () => {
      const handlers = () => ["uncaughtException", "unhandledRejection"].map((event) => process.rawListeners(event));
      const before = handlers();
      stack.env.THING_FAILS = "create";
      await stack.up(async () => {
        const { token } = new Thing("one", {});
        await new Promise((resolve) => token.apply(resolve));
        return {};
      });
      assert.deepEqual(handlers(), before);
    });

    it("with --continue-on-error ends only what needs it", async () => {
      stack.env.THING_FAILS = "create one";
      const run = await stack.up(
        () => {
          pair()();
          new Thing("three", {});
          return {};
        },
        { continueOnError: true },
      );
      assert.deepEqual([run.succeeded, did(run), failed(run)], [false, ["create three"], ["create one"]]);
      assert.deepEqual(await names(stack), ["three"]);

      delete stack.env.THING_FAILS;
      await up(pair());
      stack.env.THING_FAILS = "delete one";
      const destroyed = await stack.destroy({ continueOnError: true });
      assert.deepEqual([did(destroyed), failed(destroyed)], [["delete two"], ["delete one"]]);
    });
  });

  describe("refresh", () => {
    it("finds nothing to change", async () => {
      await given(pair());
      const before = await stack.state();
      const run = await stack.refresh();
      assert.deepEqual(did(run).sort(), ["same one", "same two"]);
      assert.deepEqual(run.changes, { same: 2 });
      assert.deepEqual(await stack.state(), before);
      assert.deepEqual(run.outputs, { token: before[1]!.outputs.token, value: "one" });
    });

    it("takes over what was found, and the next up sets it right", async () => {
      await given(single());
      stack.env.THING_DRIFT = "drifted";
      const run = await stack.refresh();
      assert.deepEqual([did(run), run.changes], [["update one"], { update: 1 }]);
      assert.equal((await find(stack, "one")).outputs.value, "drifted");
      assert.deepEqual(did(await up(single())), ["update one"]);
    });

    it("drops what is gone", async () => {
      await given(single());
      stack.env.THING_DRIFT = "gone";
      const run = await stack.refresh();
      assert.deepEqual([did(run), run.changes], [["delete one"], { delete: 1 }]);
      assert.deepEqual(await names(stack), []);
    });

    it("clears the mark of a failed initialization", async () => {
      stack.env.THING_FAILS = "init";
      await stack.up(single());
      assert.deepEqual(did(await stack.refresh()), ["same one"]);
      assert.equal((await find(stack, "one")).initErrors, undefined);
      assert.deepEqual(did(await up(single())), ["same one"]);
    });

    it("that fails keeps what there was", async () => {
      await given(pair());
      const before = await stack.state();
      stack.env.THING_FAILS = "read one";
      const run = await stack.refresh();
      assert.deepEqual([run.succeeded, did(run), failed(run)], [false, ["same two"], ["refresh one"]]);
      assert.deepEqual(await stack.state(), before);
    });

    it("comes before the program with --refresh, in the same host", async () => {
      await given(single());
      stack.env.THING_DRIFT = "drifted";
      const run = await up(single(), { refresh: true });
      assert.deepEqual(did(run), ["refresh one", "update one"]);
      assert.deepEqual(callsOf(stack), ["configure - -", "read one", "check one after one", "update drifted to one"]);
    });
  });

  describe("configuration", () => {
    it("reaches the provider whole and in plain text, and the program as it is", async () => {
      await stack.setConfig("greeting", "hello");
      await stack.setConfig("other:hidden", "hush", { secret: true });
      const run = await up(() => {
        new Thing("one", {});
        return {
          greeting: new pulumi.Config().require("greeting"),
          hidden: new pulumi.Config("other").requireSecret("hidden"),
        };
      });
      assert.equal(callsOf(stack)[0], "configure hello hush");
      assert.deepEqual(run.outputs, { greeting: "hello", hidden: "hush" });
      assert.match(run.output, /hidden *: \[secret\]/);
    });

    it("is that of the last up when the stack is destroyed", async () => {
      await stack.setConfig("greeting", "hello");
      await given(single());
      await stack.setConfig("greeting", "goodbye");
      await stack.destroy();
      assert.deepEqual(callsOf(stack), ["configure hello -", "delete one"]);
    });

    it("is that of today when the program runs first", async () => {
      await stack.setConfig("greeting", "hello");
      await given(pair());
      await stack.setConfig("greeting", "goodbye");
      const run = await stack.destroy({ program: pair({ key: "2" }) });
      assert.deepEqual(did(run), ["same one", "same two", "delete two", "delete one"]);
      assert.deepEqual(callsOf(stack), ["configure goodbye -", "delete token of …", "delete one"]);
      assert.deepEqual(await names(stack), []);
    });
  });

  it("hides the environment of this machine from the provider", async () => {
    process.env.THING_FAILS = "create";
    try {
      await up(single());
    } finally {
      delete process.env.THING_FAILS;
    }
  });

  describe("a secret", () => {
    it("stays one in the state, under its own name and where the program says so", async () => {
      await up(pair({ value: pulumi.secret("hidden value") }));
      const one = await find(stack, "one");
      assert.deepEqual([one.inputs.value, one.outputs.value], ["hidden value", "hidden value"]);
      assert.deepEqual([one.secretInputs, [...one.secretOutputs].sort()], [["value"], ["token", "value"]]);
      assert.deepEqual((await find(stack, "two")).secretInputs, ["value"]);
    });

    it("does not lie in the backend", async () => {
      await stack.setConfig("hidden", "hidden setting", { secret: true });
      await up(pair({ value: pulumi.secret("hidden value"), key: "shown" }));
      const text = await stack.exportText();
      const { token } = (await find(stack, "one")).outputs;
      for (const hidden of ["hidden setting", "hidden value", String(token)]) assert.ok(!text.includes(hidden), hidden);
      assert.ok(text.includes("shown"));
    });
  });

  it("takes over an exported state, and goes on from there", async () => {
    await up(pair({ value: pulumi.secret("hidden") }));
    const exported = await stack.exportState();
    const other = await driver.open();
    await other.importState(exported);
    assert.deepEqual(await other.state(), await stack.state());
    assert.deepEqual((await other.preview(pair({ value: pulumi.secret("hidden") }))).changes, { same: 2 });
    assert.equal((await other.destroy()).succeeded, true);
    assert.deepEqual(callsOf(other).slice(-2), ["delete token of …", "delete hidden"]);
  });

  it("keeps components, and what is in them", async () => {
    class Group extends pulumi.ComponentResource {
      readonly thing: Thing;
      constructor(name: string) {
        super("test:index:Group", name);
        this.thing = new Thing("inner", {}, { parent: this });
        this.registerOutputs({ token: this.thing.token });
      }
    }
    const program = () => ({ token: new Group("group").thing.token });
    assert.deepEqual(did(await up(program)), ["create group", "create inner"]);
    const inner = await find(stack, "inner");
    assert.equal(inner.urn, "urn:pulumi:test::scenario::test:index:Group$pulumi-nodejs:dynamic/test:Thing::inner");
    assert.deepEqual((await find(stack, "group")).outputs, { token: inner.outputs.token });
    assert.deepEqual(did(await up(program)), ["same group", "same inner"]);
    assert.deepEqual(did(await stack.destroy()), ["delete inner", "delete group"]);
  });

  it("shows what the program logs", async () => {
    const run = await up(() => {
      void pulumi.log.warn("mind the gap");
      return {};
    });
    assert.match(run.output, /warning: mind the gap/);
  });

  describe("the option", () => {
    it("protect forbids deletion and replacement", async () => {
      const options = { protect: true };
      await up(single({}, options));
      const replaced = await stack.up(single({ key: "2" }, options));
      assert.deepEqual([replaced.succeeded, did(replaced)], [false, []]);
      assert.match(replaced.output, /error: unable to replace resource .*::one"/);
      const previewed = await stack.preview(single({ key: "2" }, options));
      assert.deepEqual([previewed.succeeded, previewed.changes], [false, { replace: 1 }]);
      const destroyed = await stack.destroy();
      assert.deepEqual([destroyed.succeeded, failed(destroyed)], [false, ["delete one"]]);
      assert.match(destroyed.output, /because it is protected/);
      await up(single());
      assert.equal((await stack.destroy()).succeeded, true);
    });

    it("protect forbids to replace, by deleting first, what the resource cannot live without", async () => {
      const program = (key: string) => () => {
        const first = new Thing("one", { key, deletesFirst: true });
        new Thing("two", { key: first.token }, { protect: true });
        return {};
      };
      await given(program("1"));
      const run = await stack.up(program("2"));
      assert.deepEqual([run.succeeded, did(run)], [false, []]);
      assert.match(run.output, /unable to replace resource .*::two" as part of replacing .*::one"/);
    });

    it("retainOnDelete forgets the resource and does not delete it", async () => {
      await given(single({}, { retainOnDelete: true }));
      assert.deepEqual(did(await stack.destroy()), ["delete one"]);
      assert.deepEqual(callsOf(stack), []);
      assert.deepEqual(await names(stack), []);
    });

    it("deleteBeforeReplace overrides the provider", async () => {
      await given(single({}, { deleteBeforeReplace: true }));
      const run = await up(single({ key: "2" }, { deleteBeforeReplace: true }));
      assert.deepEqual(did(run), ["delete-replaced one", "replace one", "create-replacement one"]);
    });

    it("ignoreChanges keeps an input as it was", async () => {
      await given(single());
      assert.deepEqual(did(await up(single({ value: "new" }, { ignoreChanges: ["value"] }))), ["same one"]);
    });

    it("aliases keeps a resource that has another name now", async () => {
      await given(single());
      const renamed = () => {
        new Thing("renamed", { value: "one" }, { aliases: [{ name: "one" }] });
        return {};
      };
      assert.deepEqual(did(await up(renamed)), ["same renamed"]);
      assert.deepEqual(await names(stack), ["renamed"]);
    });
  });

  describe("--target", () => {
    const both = (one: string, three: string) => () => {
      pair({ value: one })();
      new Thing("three", { value: three });
      return {};
    };

    it("touches nothing else", async () => {
      await given(both("one", "three"));
      const run = await up(both("new", "new"), { targets: ["three"] });
      assert.deepEqual(did(run).sort(), ["same one", "same two", "update three"]);
      assert.deepEqual(callsOf(stack), ["configure - -", "check new after three", "update three to new"]);
    });

    it("keeps what something else needed, even if it is no longer declared", async () => {
      await given(pair());
      const run = await up(
        () => {
          new Thing("two", { value: "on its own" });
          return {};
        },
        { targets: ["one"] },
      );
      assert.deepEqual(did(run), ["same one", "same two"]);
      assert.deepEqual(await names(stack), ["one", "two"]);
    });

    it("deletes nothing that something else needs, unless that may go too", async () => {
      await given(both("one", "three"));
      const before = await names(stack);
      const refused = await stack.destroy({ targets: ["one"] });
      assert.deepEqual([refused.succeeded, await names(stack)], [false, before]);
      assert.match(refused.output, /two' will be destroyed but was not specified in --target list/);
      const run = await stack.destroy({ targets: ["one"], targetDependents: true });
      assert.deepEqual([run.succeeded, did(run)], [true, ["same three", "delete two", "delete one"]]);
      assert.deepEqual(await names(stack), ["three"]);
    });
  });

  it("lets what has begun end when it is interrupted, and begins nothing more", async () => {
    const gate = createServer();
    const interrupt = new AbortController();
    const arrived = once(gate.listen(0, "127.0.0.1"), "connection") as Promise<[Socket]>;
    await once(gate, "listening");
    try {
      const running = stack.up(pair({ gate: String((gate.address() as AddressInfo).port) }), {
        interrupt: interrupt.signal,
        onOutput: (text) => {
          if (text.includes("^C received")) void arrived.then(([socket]) => socket.end());
        },
      });
      await arrived;
      interrupt.abort();
      const run = await running;
      assert.deepEqual([run.succeeded, did(run)], [false, ["create one"]]);
      assert.match(run.output, /error: update canceled/);
      assert.deepEqual(await names(stack), ["one"]);
    } finally {
      gate.close();
    }
  });
});
