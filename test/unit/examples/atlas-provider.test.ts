import assert from "node:assert/strict";
import { isUnknown, only, runMocked, secretOf, tokenType, type MockedProgram } from "./mocked-program";

const program: MockedProgram = {
  config: { orgId: "an-organization" },
  created: ({ type }) => (type.endsWith(tokenType) ? { accessToken: "a-fake-token" } : {}),
};
const providerType = "pulumi:providers:mongodbatlas";

describe("the example atlas-provider", () => {
  it("gives the token to the provider, as a secret", async () => {
    const run = await runMocked("atlas-provider", program);
    assert.equal(secretOf(only(run, providerType).inputs["accessToken"]), "a-fake-token");
  });

  it("creates the project with that provider", async () => {
    const project = only(await runMocked("atlas-provider", program), ":Project");
    assert.equal(project.inputs["orgId"], "an-organization");
    assert.match(project.provider ?? "", /:pulumi:providers:mongodbatlas::atlas::atlas-id$/);
  });

  it("leaves an up half an hour", async () => {
    assert.equal(only(await runMocked("atlas-provider", program), tokenType).inputs["renewBefore"], "30m");
  });

  it("previews before there is a token", async () => {
    const run = await runMocked("atlas-provider", { ...program, preview: true });
    assert.ok(isUnknown(only(run, providerType).inputs["accessToken"]));
    assert.ok(only(run, ":Project"));
  });
});
