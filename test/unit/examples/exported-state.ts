/** How Pulumi marks a secret in a state. */
const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A secret as `pulumi stack export --show-secrets` writes it. */
export function plain(value: unknown): object {
  return { ...mark, plaintext: JSON.stringify(value) };
}

/** A secret as `pulumi stack export` writes it. */
export function encrypted(): object {
  return { ...mark, ciphertext: "v1:AAAAAAAAAAA=:a-fake-ciphertext" };
}

export const tokenType = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";

/** A resource as a state holds it. */
export function resource(id: string, outputs: Readonly<Record<string, unknown>>, rest: object = {}): object {
  return { urn: `urn:pulumi:dev::app::${tokenType}::${id}`, custom: true, id, type: tokenType, outputs, ...rest };
}

/** The resource with which Pulumi keeps the stack's configuration; those that refer to it have its reference. */
export function configuration(config: Readonly<Record<string, unknown>>): object {
  return { urn: providerUrn, custom: true, id: "an-id", type: "pulumi:providers:pulumi-nodejs", inputs: config };
}

const providerUrn = "urn:pulumi:dev::app::pulumi:providers:pulumi-nodejs::default";
export const configured = { provider: `${providerUrn}::an-id` };

export function deploymentOf(...resources: readonly object[]): object {
  return { manifest: { time: "2026-11-01T12:00:00Z", magic: "", version: "" }, resources };
}

/** The text that `pulumi stack export` writes. */
export function exportOf(...resources: readonly object[]): string {
  return JSON.stringify({ version: 3, deployment: deploymentOf(...resources) }, null, 4);
}
