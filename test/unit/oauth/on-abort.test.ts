import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import { onAbort } from "../../../provider/oauth/on-abort";

describe("onAbort", () => {
  let controller: AbortController;
  let signal: AbortSignal;
  let seen: string[];

  beforeEach(() => {
    controller = new AbortController();
    signal = controller.signal;
    seen = [];
  });

  function wait(name: string): () => void {
    return onAbort(signal, () => seen.push(name));
  }

  function listeners(): number {
    return getEventListeners(signal, "abort").length;
  }

  it("runs all that wait for a signal, in their order, with one listener", () => {
    for (const name of "abc") wait(name);
    assert.equal(listeners(), 1);
    controller.abort();
    assert.deepEqual(seen, ["a", "b", "c"]);
  });

  it("does not run what was cancelled", () => {
    wait("a");
    wait("b")();
    controller.abort();
    assert.deepEqual(seen, ["a"]);
  });

  it("does not run what another one cancelled just then", () => {
    let cancel = (): void => undefined;
    onAbort(signal, () => cancel());
    cancel = wait("b");
    controller.abort();
    assert.deepEqual(seen, []);
  });

  it("leaves no listener once everything was cancelled, and takes more afterwards", () => {
    const cancels = [wait("a"), wait("b")];
    cancels[0]!();
    assert.equal(listeners(), 1);
    cancels[1]!();
    assert.equal(listeners(), 0);
    const cancel = wait("c");
    cancels[0]!();
    assert.equal(listeners(), 1);
    controller.abort();
    assert.deepEqual(seen, ["c"]);
    cancel();
    assert.equal(listeners(), 0);
  });

  it("tells signals apart", () => {
    const other = new AbortController();
    wait("a");
    onAbort(other.signal, () => seen.push("other"));
    other.abort();
    assert.deepEqual(seen, ["other"]);
  });

  it("has nothing to do without a signal", () => {
    const cancel = onAbort(undefined, () => seen.push("a"));
    assert.doesNotThrow(cancel);
  });
});
