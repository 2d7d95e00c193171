/* eslint-disable @typescript-eslint/require-await -- as Pulumi's documentation writes a provider */
import type { dynamic } from "@pulumi/pulumi";
import { request } from "undici";
import { z } from "zod";

import type { Arguments } from "./program";

/*
 * plain: the dynamic provider that a careful user writes from Pulumi's documentation, with the same packages and as much of
 * the behavior as survives serialization: it checks arguments, replaces a due token, retries a failed revoke a few times,
 * honors `Retry-After`, and explains a failure. It has functions instead of classes, makes schemas where it uses them, and
 * shares no state between resources.
 */

interface Inputs extends Arguments {
  keepers?: Record<string, unknown>;
}

interface Outputs extends Inputs {
  accessToken: string;
  tokenType: string;
  issuedAt: string;
  expiresAt: string;
}

const REPLACING = ["clientId", "baseUrl"] as const;

function seconds(duration: string): number {
  const match = /^(\d+)(s|m)$/.exec(duration);
  return match ? Number(match[1]) * (match[2] === "m" ? 60 : 1) : NaN;
}

async function post(path: string, inputs: Inputs, form: Record<string, string>, attempts: number): Promise<string> {
  const credentials = Buffer.from([inputs.clientId, inputs.clientSecret].map(encodeURIComponent).join(":"));
  for (let attempt = 1; ; attempt++) {
    const response = await request(inputs.baseUrl + path, {
      method: "POST",
      headers: {
        authorization: `Basic ${credentials.toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams(form).toString(),
    });
    const text = await response.body.text();
    if (response.statusCode >= 200 && response.statusCode < 300) return text;
    const retryable =
      [429, 503].includes(response.statusCode) || (path.endsWith("revoke") && response.statusCode === 500);
    if (!retryable || attempt === attempts) {
      let description = text;
      try {
        description = (JSON.parse(text) as { error_description?: string }).error_description ?? text;
      } catch {
        // A body that is not JSON is quoted as it is.
      }
      throw new Error(`Atlas returned ${response.statusCode}: ${description.replaceAll(inputs.clientSecret, "***")}`);
    }
    const wait = Number(response.headers["retry-after"] ?? 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

export const provider: dynamic.ResourceProvider<Inputs, Outputs> = {
  async check(_olds, news) {
    const schema = z.object({
      clientId: z.string().min(1),
      clientSecret: z.string().min(1),
      baseUrl: z.url(),
      renewBefore: z.string().regex(/^\d+(s|m)$/),
      keepers: z.record(z.string(), z.unknown()).optional(),
    });
    const { __provider, ...inputs } = news as Inputs & { __provider?: unknown };
    const result = schema.safeParse(inputs);
    if (result.success) return { inputs };
    return {
      inputs,
      failures: result.error.issues.map(({ path, message }) => ({ property: String(path[0]), reason: message })),
    };
  },
  async diff(_id, olds, news) {
    const replaces: string[] = REPLACING.filter((key) => olds[key] !== news[key]);
    if (JSON.stringify(olds.keepers ?? {}) !== JSON.stringify(news.keepers ?? {})) replaces.push("keepers");
    if (Date.parse(olds.expiresAt) - Date.now() < seconds(news.renewBefore) * 1000) replaces.push("expiresAt");
    const updated = olds.clientSecret !== news.clientSecret || olds.renewBefore !== news.renewBefore;
    return { changes: updated || replaces.length > 0, replaces };
  },
  async create(inputs) {
    const text = await post("/api/oauth/token", inputs, { grant_type: "client_credentials" }, 4);
    const token = z
      .object({ access_token: z.string(), expires_in: z.number(), token_type: z.string() })
      .parse(JSON.parse(text));
    const now = Date.now();
    return {
      id: `token-${now.toString(36)}-${Math.random().toString(36).slice(2)}`,
      outs: {
        ...inputs,
        accessToken: token.access_token,
        tokenType: token.token_type,
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + token.expires_in * 1000).toISOString(),
      },
    };
  },
  async update(_id, olds, news) {
    return { outs: { ...olds, ...news } };
  },
  async delete(_id, props) {
    if (Date.parse(props.expiresAt) < Date.now()) return;
    await post("/api/oauth/revoke", props, { token: props.accessToken, token_type_hint: "access_token" }, 4);
  },
};
