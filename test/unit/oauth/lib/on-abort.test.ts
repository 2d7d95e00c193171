import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import { onAbort } from "../../../../provider/oauth/lib/on-abort";

describe("onAbort", () => {
  let controller: AbortController;
  let seen: string[];
  beforeEach(() => {
    controller = new AbortController();
    seen = [];
  });

  const wait = (name: string): (() => void) => onAbort(controller.signal, () => seen.push(name));
  const listeners = (): number => getEventListeners(controller.signal, "abort").length;

  it("runs all callbacks of a signal in order, with one listener, and none of another signal", () => {
    for (const name of "abc") wait(name);
    onAbort(new AbortController().signal, () => seen.push("other"));
    assert.equal(listeners(), 1);
    controller.abort();
    assert.deepEqual(seen, ["a", "b", "c"]);
  });

  it("does not run what was cancelled, even by another callback just then", () => {
    let cancel = (): void => undefined;
    wait("a");
    wait("b")();
    onAbort(controller.signal, () => cancel());
    cancel = wait("c");
    controller.abort();
    assert.deepEqual(seen, ["a"]);
  });

  it("leaves no listener once everything was cancelled, and takes more afterwards", () => {
    const cancels = [wait("a"), wait("b")];
    cancels[0]!();
    assert.equal(listeners(), 1);
    cancels[1]!();
    assert.equal(listeners(), 0);
    wait("c");
    cancels[0]!();
    assert.equal(listeners(), 1);
    controller.abort();
    assert.deepEqual(seen, ["c"]);
  });
});
