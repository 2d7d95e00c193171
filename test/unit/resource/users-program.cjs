// A user's unit test, as the README shows it: a program that declares a token, under mocks. It tells what became of it.
const pulumi = require("@pulumi/pulumi");
const { ServiceAccountToken } = require("pulumi-atlas-token");

const valueOf = (output) => new Promise((resolve) => output.apply(resolve));

async function run() {
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) =>
      type === "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken"
        ? { id: `${name}-1`, state: { accessToken: "fake", tokenType: "Bearer", expiresAt: "2030-01-01T00:00:00Z" } }
        : { id: `${name}-1`, state: inputs },
    call: ({ inputs }) => inputs,
  });
  // As Pulumi does before it runs a program; there is one only if the environment names it.
  pulumi.runtime.getEngine();
  const { id, accessToken, tokenType, issuedAt, expiresAt } = new ServiceAccountToken("ci");
  return {
    values: await Promise.all([id, accessToken, tokenType, issuedAt, expiresAt].map(valueOf)),
    secret: await pulumi.isSecret(accessToken),
  };
}

run()
  .catch((error) => ({ message: error.message, runError: pulumi.RunError.isInstance(error) }))
  .then((result) => process.send(result, () => process.disconnect()));
