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

const dynamicType = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";

/** A resource in a state; `changes` adds or replaces fields. */
export function resource(id: string, outputs: object, changes: object = {}): object {
  return {
    urn: `urn:pulumi:dev::app::${dynamicType}::${id}`,
    custom: true,
    id,
    type: dynamicType,
    outputs,
    ...changes,
  };
}

/** The provider resource in which Pulumi keeps the stack's configuration. */
export function configuration(inputs: object): { readonly urn: string; readonly id: string } {
  const urn = "urn:pulumi:dev::app::pulumi:providers:pulumi-nodejs::default";
  return Object.assign({ urn, id: "an-id" }, { custom: true, type: "pulumi:providers:pulumi-nodejs", inputs });
}

export function deploymentOf(...resources: readonly object[]): object {
  return { manifest: { time: "2026-11-01T12:00:00Z", magic: "", version: "" }, resources };
}

/** The text that `pulumi stack export` writes. */
export function exportOf(...resources: readonly object[]): string {
  return JSON.stringify({ version: 3, deployment: deploymentOf(...resources) }, null, 4);
}
