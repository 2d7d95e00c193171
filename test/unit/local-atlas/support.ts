import assert from "node:assert/strict";

import {
  defaultClientId,
  defaultClientSecret,
  startLocalAtlas,
  type Endpoint,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";

export const paths: Record<Endpoint, string> = { issue: "/api/oauth/token", revoke: "/api/oauth/revoke" };
export const endpoints = ["issue", "revoke"] as const;

/** The time at which every test's clock starts: a whole second. */
export const startOfClock = Date.UTC(2026, 10, 1, 12);

export const otherClientId = "other-client";
export const otherClientSecret = "other-secret";

/** The two accounts that every test's server has. */
export const clients = { [defaultClientId]: defaultClientSecret, [otherClientId]: otherClientSecret };

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Call {
  /** `null` sends no Authorization header. */
  readonly authorization?: string | null;
  readonly form?: string;
  readonly contentType?: string;
  readonly query?: string;
  readonly userAgent?: string;
}

export function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
}

export const otherAuthorization = basic(otherClientId, otherClientSecret);

/** A server for each test of a suite, with a clock that moves only in `wait`. */
export class Fixture {
  now = startOfClock;
  #atlas: LocalAtlas | undefined;

  constructor(options: LocalAtlasOptions = {}) {
    beforeEach(async () => {
      this.now = startOfClock;
      this.#atlas = await startLocalAtlas({ clients, now: () => this.now, ...options });
    });
    afterEach(() => this.atlas.close());
  }

  get atlas(): LocalAtlas {
    assert.ok(this.#atlas, "only within a test");
    return this.#atlas;
  }

  wait(seconds: number): void {
    this.now += seconds * 1000;
  }

  async send(path: string, { method = "POST", ...rest }: Sent = {}): Promise<Reply> {
    const response = await fetch(this.atlas.url + path, { method, ...rest });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  call(endpoint: Endpoint, call: Call): Promise<Reply> {
    const { authorization = basic(defaultClientId, defaultClientSecret) } = call;
    return this.send(paths[endpoint] + (call.query ?? ""), {
      headers: {
        "content-type": call.contentType ?? "application/x-www-form-urlencoded",
        ...(authorization !== null && { authorization }),
        ...(call.userAgent !== undefined && { "user-agent": call.userAgent }),
      },
      body: call.form ?? "",
    });
  }

  issue(call: Call = {}): Promise<Reply> {
    return this.call("issue", { form: "grant_type=client_credentials", ...call });
  }

  revoke(token: string, call: Call = {}): Promise<Reply> {
    return this.call("revoke", { form: `token=${token}&token_type_hint=access_token`, ...call });
  }

  /** Well-formed for either endpoint, so that only what a test changes decides the response. */
  valid(endpoint: Endpoint, call: Call = {}): Promise<Reply> {
    return endpoint === "issue" ? this.issue(call) : this.revoke("unknown-token", call);
  }

  /** A new token's text. */
  async token(call: Call = {}): Promise<string> {
    const reply = await this.issue(call);
    assert.equal(reply.status, 200, reply.text);
    const { access_token: token } = parsed(reply);
    assert.ok(typeof token === "string");
    return token;
  }
}

export function parsed(reply: Reply): Record<string, unknown> {
  return JSON.parse(reply.text) as Record<string, unknown>;
}

/** The value of each header of a reply that `names` lists; `undefined` for one that is missing. */
export function headersOf(reply: Reply, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, reply.headers.get(name) ?? undefined]));
}

export function assertError(reply: Reply, status: number, error: string, description?: string): void {
  assert.deepEqual({ status: reply.status, error: parsed(reply)["error"] }, { status, error }, description);
}
