import type { dynamic } from "@pulumi/pulumi";
import type { Pool } from "undici";

import type { Arguments } from "./program";

/*
 * bare: idle, with one `undici.request` in create and in delete. It has no retry, no timeout, no queue and no check of the
 * response, but the same kind of connection as ours: a fresh one for create, a shared one for delete.
 */

export async function issue(inputs: Arguments): Promise<string> {
  const text = await post(inputs, "/api/oauth/token", { grant_type: "client_credentials" }, true);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

export async function revoke(outputs: Arguments & { accessToken: string }): Promise<void> {
  await post(outputs, "/api/oauth/revoke", { token: outputs.accessToken, token_type_hint: "access_token" }, false);
}

async function post(args: Arguments, path: string, form: Record<string, string>, reset: boolean): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- idle-plugin.ts must not load it for idle
  const undici = require("undici") as typeof import("undici");
  const shared = globalThis as { benchPool?: Pool };
  const credentials = Buffer.from(`${args.clientId}:${args.clientSecret}`).toString("base64");
  const { statusCode, body } = await undici.request(args.baseUrl + path, {
    dispatcher: (shared.benchPool ??= new undici.Pool(args.baseUrl)),
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
    reset,
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(text);
  return text;
}

export const provider: dynamic.ResourceProvider = {
  check: (_olds: unknown, news: unknown) => Promise.resolve({ inputs: news }),
  diff: () => Promise.resolve({ changes: false }),
  create: async (inputs: Arguments) => {
    const [issuedAt, expiresAt] = ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"];
    const outs = { ...inputs, accessToken: await issue(inputs), tokenType: "Bearer", issuedAt, expiresAt };
    return { id: "bare", outs };
  },
  delete: (_id: string, outputs: Arguments & { accessToken: string }) => revoke(outputs),
};
