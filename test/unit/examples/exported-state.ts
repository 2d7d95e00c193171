/** How Pulumi marks a secret in a state. */
const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A secret as `pulumi stack export --show-secrets` writes it. */
export function plain(value: unknown): object {
  return { ...mark, plaintext: JSON.stringify(value) };
}

/** A secret as `pulumi stack export` writes it. */
export const encrypted = { ...mark, ciphertext: "v1:AAAAAAAAAAA=:a-fake-ciphertext" };

/** A token in a state. */
export function stateOf(id: string, outputs: object): object {
  const type = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";
  return { urn: `urn:pulumi:dev::app::${type}::${id}`, custom: true, id, type, outputs };
}

/** The text that `pulumi stack export` writes. */
export function exportOf(...resources: readonly object[]): string {
  const manifest = { time: "2026-11-01T12:00:00Z", magic: "", version: "" };
  return JSON.stringify({ version: 3, deployment: { manifest, resources } }, null, 4);
}
