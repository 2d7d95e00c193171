import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import { providerKey, type Properties } from "../../support/values";

export const typeToken = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";

/** What a mock answers, unless a test says otherwise: what the provider would. */
export const outputs = {
  accessToken: "fake-token-of-the-mock",
  tokenType: "Bearer",
  issuedAt: "2026-11-01T12:00:00Z",
  expiresAt: "2026-11-01T13:00:00Z",
} as const;

/** A request to register a resource, as far as the tests look at it. */
export interface Registration {
  getAdditionalsecretoutputsList(): string[];
  getProtect(): boolean;
}

export interface Declared {
  readonly token: ServiceAccountToken;
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  readonly request: Registration;
}

/** Declares a token of the compiled package under mocks, and waits until it is registered. */
export async function declareToken(
  args?: ServiceAccountTokenArgs & Readonly<Record<string, unknown>>,
  options?: pulumi.CustomResourceOptions,
  answer: (inputs: Properties) => Properties = (inputs) => ({ ...inputs, ...outputs }),
): Promise<Declared> {
  let seen: pulumi.runtime.MockResourceArgs | undefined;
  await pulumi.runtime.setMocks({
    newResource: (resource) => {
      seen = resource;
      return { id: `${resource.name}-0a1b2c3d`, state: answer(resource.inputs as Properties) };
    },
    call: () => ({}),
  });
  const request = nextRegistration();
  const token = new ServiceAccountToken("ci", args, options);
  await valueOf(token.urn);
  return { token, type: seen!.type, name: seen!.name, inputs: seen!.inputs as Properties, request: await request };
}

/** Mocks are told neither the options of a resource nor what is to be secret of it. */
function nextRegistration(): Promise<Registration> {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Registration, ...rest: unknown[]): unknown;
  };
  const original = monitor.registerResource.bind(monitor);
  return new Promise((resolve) => {
    monitor.registerResource = (request, ...rest) => {
      resolve(request);
      return original(request, ...rest);
    };
  });
}

export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

/** The provider of the compiled package as text, which is what the state holds of it. */
export async function serializedProvider(): Promise<string> {
  const { inputs } = await declareToken({ clientSecret: "fake-secret-of-the-input", existingToken: "fake-token" });
  return inputs[providerKey] as string;
}
