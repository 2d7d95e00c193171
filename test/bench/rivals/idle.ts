import type { dynamic } from "@pulumi/pulumi";

/** idle: a provider that does nothing, with outputs of a token's size. What it costs is Pulumi's own. */
export const provider: dynamic.ResourceProvider = {
  check: (_olds: unknown, news: unknown) => Promise.resolve({ inputs: news }),
  diff: () => Promise.resolve({ changes: false }),
  create: (inputs: object) => {
    const [issuedAt, expiresAt] = ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"];
    const outs = { ...inputs, accessToken: "x".repeat(300), tokenType: "Bearer", issuedAt, expiresAt };
    return Promise.resolve({ id: "idle", outs });
  },
  delete: () => Promise.resolve(),
};
