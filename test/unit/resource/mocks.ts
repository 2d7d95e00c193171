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

export interface Declared<T extends pulumi.CustomResource> {
  readonly resource: T;
  readonly type: string;
  readonly name: string;
  /** Without the serialized provider; secrets are marked. */
  readonly inputs: Properties;
  readonly serializedProvider: unknown;
  readonly additionalSecretOutputs: readonly string[];
  readonly protect: boolean;
}

/** Declares a token of the compiled package under mocks, and waits until it is registered. */
export function declareToken(
  args?: ServiceAccountTokenArgs & Properties,
  options?: pulumi.CustomResourceOptions,
): Promise<Declared<ServiceAccountToken>> {
  return declare(() => new ServiceAccountToken("ci", args, options));
}

export async function declare<T extends pulumi.CustomResource>(construct: () => T): Promise<Declared<T>> {
  let seen: pulumi.runtime.MockResourceArgs | undefined;
  await pulumi.runtime.setMocks({
    newResource: (resource) => {
      seen = resource;
      return { id: `${resource.name}-0a1b2c3d`, state: { ...(resource.inputs as Properties), ...outputs } };
    },
    call: () => ({}),
  });
  const request = nextRegistration();
  const resource = construct();
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
