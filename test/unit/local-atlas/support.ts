import assert from "node:assert/strict";

import {
  defaultClientId,
  defaultClientSecret,
  startLocalAtlas,
  type Endpoint,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";

export const paths: Record<Endpoint, string> = {
  issue: "/api/oauth/token",
  revoke: "/api/oauth/revoke",
  status: "/api/atlas/v2",
};
export const endpoints = ["issue", "revoke"] as const;

/** The time at which every test's clock starts: a whole second. */
export const startOfClock = Date.UTC(2026, 10, 1, 12);

export function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
}

export const otherClientId = "other-client";
export const otherAuthorization = basic(otherClientId, "other-secret");

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body if it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Call {
  /** `null` sends no Authorization header. */
  readonly authorization?: string | null;
  readonly form?: string;
  readonly contentType?: string;
  readonly query?: string;
}

/** A server for each test of a suite, with two accounts and a clock that moves only in `wait`. */
export class Fixture {
  now = startOfClock;
  atlas!: LocalAtlas;

  constructor(options: LocalAtlasOptions = {}) {
    const clients = { [defaultClientId]: defaultClientSecret, [otherClientId]: "other-secret" };
    beforeEach(async () => {
      this.now = startOfClock;
      this.atlas = await startLocalAtlas({ clients, now: () => this.now, ...options });
    });
    afterEach(() => this.atlas.close());
  }

  wait(seconds: number): void {
    this.now += seconds * 1000;
  }

  async send(path: string, options: RequestInit = { method: "POST" }): Promise<Reply> {
    const response = await fetch(this.atlas.url + path, options);
    const text = await response.text();
    const json = text.startsWith("{") ? (JSON.parse(text) as Reply["json"]) : {};
    return { status: response.status, headers: response.headers, text, json };
  }

  /** Sends what either endpoint accepts, except for what the test changes. */
  call(endpoint: Endpoint, call: Call = {}): Promise<Reply> {
    const { authorization = basic(defaultClientId, defaultClientSecret), query = "" } = call;
    const contentType = call.contentType ?? "application/x-www-form-urlencoded";
    const headers = { "content-type": contentType, ...(authorization !== null && { authorization }) };
    const body = call.form ?? (endpoint === "issue" ? "grant_type=client_credentials" : "token=unknown-token");
    return this.send(paths[endpoint] + query, { method: "POST", headers, body });
  }

  issue(call: Call = {}): Promise<Reply> {
    return this.call("issue", call);
  }

  revoke(token: string, call: Call = {}): Promise<Reply> {
    return this.call("revoke", { form: `token=${token}&token_type_hint=access_token`, ...call });
  }

  /** A new token's text. */
  async token(call: Call = {}): Promise<string> {
    const { status, text, json } = await this.issue(call);
    assert.equal(status, 200, text);
    return String(json["access_token"]);
  }
}

export function assertError({ status, json }: Reply, expected: number, error: string, message?: string): void {
  assert.deepEqual({ status, error: json["error"] }, { status: expected, error }, message);
}

/** Fails unless a reply has these headers; `null` is none. */
export function assertHeaders({ headers }: Reply, expected: Readonly<Record<string, string | null>>): void {
  const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, headers.get(name)]));
  assert.deepEqual(actual, expected);
}
