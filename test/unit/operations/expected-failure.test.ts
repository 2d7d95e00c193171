import assert from "node:assert/strict";

import { UserFacingError } from "../../../provider/operations/user-facing-error";

describe("an expected failure", () => {
  const failure = new UserFacingError("what", "why", "the message");
  const kept = new UserFacingError("what", "why", "the message", {
    id: "ci-0a1b2c3d",
    properties: { incomplete: true },
  });

  it("has its message, which the engine shows", () => assert.equal(failure.message, "the message"));
  it("is one short line where the provider host prints it", () =>
    assert.equal(`${String(failure)}: ${failure.stack}`, "what: why"));
  it("has no code, which would become the status of gRPC", () => assert.equal("code" in failure, false));

  for (const name of ["id", "properties", "reasons"]) {
    it(`has no ${name}, since with an id Pulumi stores a resource`, () => assert.equal(name in failure, false));
  }

  it("carries what is to be stored, with the message as the first reason, where something is", () => {
    const { id, properties, reasons, message } = kept;
    assert.deepEqual(
      { id, properties, reasons, message },
      { id: "ci-0a1b2c3d", properties: { incomplete: true }, reasons: ["the message"], message: "the message" },
    );
  });
});
