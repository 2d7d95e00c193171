import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { isUnknown, only, runMocked, secretOf, tokenType, type MockedProgram, type Registered } from "./mocked-program";

const clientId = "mdb_sa_id_of_the_mock";

const program: MockedProgram = {
  config: { orgId: "an-organization" },
  created({ type }: Registered) {
    if (type.endsWith(":ServiceAccount")) return { clientId, secrets: [{ secret: "the-secret-of-the-account" }] };
    if (type.endsWith(":ServiceAccountSecret")) return { secret: "a-secret-of-its-own" };
    return { accessToken: "a-fake-token" };
  },
};

describe("the example service-account-in-stack", () => {
  it("gives the token the id of the account, and the secret that a refresh does not empty", async () => {
    const { inputs } = only(await runMocked("service-account-in-stack", program), tokenType);
    assert.equal(inputs["clientId"], clientId);
    assert.equal(secretOf(inputs["clientSecret"]), "a-secret-of-its-own");
  });

  it("makes the secret for that account", async () => {
    const { inputs } = only(await runMocked("service-account-in-stack", program), ":ServiceAccountSecret");
    assert.equal(inputs["clientId"], clientId);
    assert.equal(inputs["orgId"], "an-organization");
  });

  it("previews before there is an account", async () => {
    const run = await runMocked("service-account-in-stack", { ...program, preview: true });
    const { inputs } = only(run, tokenType);
    assert.ok(isUnknown(inputs["clientId"]));
    assert.ok(isUnknown(inputs["clientSecret"]));
  });

  it("exports the token as a secret", async () => {
    const { outputs } = await runMocked("service-account-in-stack", program);
    assert.ok(await pulumi.isSecret(outputs["accessToken"] as pulumi.Output<string>));
  });
});
