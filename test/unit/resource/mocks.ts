import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

export type Properties = Readonly<Record<string, unknown>>;

/** What the mock returns as the outputs of a resource. */
export const outputs = {
  accessToken: "fake-token-of-the-mock",
  tokenType: "Bearer",
  issuedAt: "2026-11-01T12:00:00Z",
  expiresAt: "2026-11-01T13:00:00Z",
} as const;

/** Declares a token of the compiled package under mocks, waits until it is registered, and returns what was. */
export async function declareToken(
  args?: ServiceAccountTokenArgs & Properties,
  options?: pulumi.CustomResourceOptions,
) {
  let seen: pulumi.runtime.MockResourceArgs | undefined;
  await pulumi.runtime.setMocks({
    newResource: (resource) => {
      seen = resource;
      return { id: `${resource.name}-0a1b2c3d`, state: { ...(resource.inputs as Properties), ...outputs } };
    },
    call: () => ({}),
  });
  const request = nextRegistration();
  const resource = new ServiceAccountToken("ci", args, options);
  await valueOf(resource.urn);
  const { __provider: serializedProvider, ...inputs } = seen!.inputs as Properties;
  return {
    resource,
    type: seen!.type,
    name: seen!.name,
    inputs,
    serializedProvider,
    additionalSecretOutputs: (await request).getAdditionalsecretoutputsList(),
    protect: (await request).getProtect(),
  };
}

/** A request to register a resource: mocks are passed neither its options nor its secret outputs. */
interface Registration {
  getAdditionalsecretoutputsList(): string[];
  getProtect(): boolean;
}

function nextRegistration(): Promise<Registration> {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Registration, ...others: unknown[]): unknown;
  };
  const original = monitor.registerResource.bind(monitor);
  return new Promise((resolve) => {
    monitor.registerResource = (request, ...others) => {
      resolve(request);
      return original(request, ...others);
    };
  });
}

export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}
