import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../examples/local-atlas";
import { auditEventSchema } from "../../provider/runtime/audit-log";
import { environmentFor } from "../support/environment-for";
import { formsOf } from "../support/oauth/credentials";
import { call } from "../support/provider-host";
import { reveal, secret, UNKNOWN, type Properties } from "../support/values";
import { until } from "../support/within";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { failureOf, Fixture, type Provider } from "./support/fixture";
import { skip } from "../support/skip";

const NAME = "atlas-token:index:getEphemeralToken";

describe("getEphemeralToken", function () {
  this.timeout(30_000);
  const fixture = new Fixture("packaged");

  const get = ({ host }: Provider, args: Properties = {}) => host.invoke(NAME, args);
  const tokenOf = async (provider: Provider, args: Properties = {}): Promise<string> =>
    String(reveal((await get(provider, args)).outs)["accessToken"]);
  const signal =
    (name: NodeJS.Signals) =>
    ({ host }: Provider): void =>
      void process.kill(host.pid, name);
  const cancel = ({ host }: Provider) => call<Empty>((done) => host.client.cancel(new Empty(), done));

  /** Ends a provider as the engine does, which kills it after five seconds; returns what it warned of. */
  async function end(provider: Provider, how: (provider: Provider) => void = signal("SIGINT")): Promise<string[]> {
    how(provider);
    const patience = setTimeout(() => void provider.host.kill(), 5_000);
    const exit = await provider.host.exited.finally(() => clearTimeout(patience));
    assert.deepEqual(exit, { code: 0, signal: null }, provider.host.stderr);
    return fixture.logged.filter(({ severity }) => severity === LogSeverity.WARNING).map(({ message }) => message);
  }

  describe("issues", () => {
    it("one token for all calls with the same origin and client ID", async () => {
      const provider = await fixture.start();
      const credentials = { clientId: defaultClientId, clientSecret: secret(defaultClientSecret) };
      const calls = Array.from({ length: 20 }, (_, index) => get(provider, index % 2 === 0 ? {} : credentials));
      const results = await Promise.all(calls);
      results.push(await get(provider));
      const [{ token, issuedAt, expiresAt }] = fixture.atlas.tokens().slice(-1) as [never];
      const time = (date: Date): string => date.toISOString().replace(".000", "");
      const times = { issuedAt: time(issuedAt), expiresAt: time(expiresAt) };
      for (const { outs, failures } of results) {
        assert.deepEqual(outs, { accessToken: secret(token), tokenType: "Bearer", ...times });
        assert.deepEqual(failures, []);
      }
      assert.deepEqual(fixture.requests, ["issue 200"]);
    });

    it("another one for another service account, and revokes both", async () => {
      fixture.atlas.setSecrets("another-client", ["another-secret"]);
      const provider = await fixture.start();
      const account = { clientId: "another-client", clientSecret: "another-secret" };
      assert.notEqual(await tokenOf(provider), await tokenOf(provider, account));
      assert.deepEqual([await end(provider), fixture.active], [[], 0]);
    });

    it("from the configuration of its provider", async () => {
      fixture.atlas.setSecrets("another-client", ["another-secret"]);
      await tokenOf(await fixture.start({}, { clientId: "another-client", clientSecret: secret("another-secret") }));
      assert.equal(fixture.atlas.tokens().at(-1)?.clientId, "another-client");
    });

    for (const [lifetime, issues] of [
      [59, 2],
      [3600, 1],
    ] as const) {
      it(`${issues} for two calls one after the other if it lives for ${lifetime} s, and revokes every one`, async () => {
        // A clock of this machine that is wrong changes nothing.
        fixture.skew = -7200_000;
        fixture.atlas.settings.lifetimeSeconds = lifetime;
        const provider = await fixture.start();
        const tokens = new Set([await tokenOf(provider), await tokenOf(provider)]);
        fixture.atlas.settings.lifetimeSeconds = 3600;
        assert.equal(tokens.size, issues);
        assert.deepEqual([await end(provider), fixture.active], [[], 0]);
      });
    }

    it("one after a failure, which says what is wrong and is not remembered", async () => {
      const provider = await fixture.start();
      fixture.atlas.failNext("issue", 401);
      const [first, second] = await Promise.all([failureOf(get(provider)), failureOf(get(provider))]);
      assert.equal(first.message, second.message);
      assert.match(
        first.message,
        /^The ephemeral token was not issued: invalid_client \(401\): .*\n {2}Reason: ".*"\n {2}Request: POST .*\/api\/oauth\/token, client ID .*\n {2}Attempts: 1 in .* s\n {2}Service version: .*\n {2}Next: check the client ID and client secret of the service account, then rerun the command\.$/,
      );
      await tokenOf(provider);
      assert.deepEqual(fixture.requests, ["issue 401", "issue 200"]);
    });

    it("none for an engine that may end the provider without a signal", async () => {
      const provider = await fixture.start();
      await provider.host.handshake("", false);
      assert.match(
        (await failureOf(get(provider))).message,
        /^getEphemeralToken needs Pulumi 3\.206 or later, because .*$/,
      );
      assert.deepEqual(fixture.requests, []);
    });

    it("none while an argument is unknown", async () => {
      const { outs } = await get(await fixture.share(), { clientSecret: secret(UNKNOWN) });
      assert.deepEqual(reveal(outs), {
        accessToken: UNKNOWN,
        tokenType: UNKNOWN,
        issuedAt: UNKNOWN,
        expiresAt: UNKNOWN,
      });
      assert.deepEqual(fixture.requests, []);
    });

    for (const [title, args, property, reason, env = {}] of [
      [
        "a client ID in place of the secret",
        { clientSecret: "mdb_sa_id_planted" },
        "clientSecret",
        /^clientSecret must/,
      ],
      [
        "a base URL with credentials",
        { baseUrl: "https://a:planted@x.example" },
        "baseUrl",
        /^baseUrl must not contain/,
      ],
      [
        "a typing mistake",
        { clientSecrt: "planted" },
        "clientSecrt",
        /^unknown argument; did you mean clientSecret\?$/,
      ],
      ["a name that forges a line", { "x\n\u001b[31my": "planted" }, "x y", /^unknown argument$/],
      ["an argument of the resource", { renewBefore: "planted" }, "renewBefore", /^unknown argument$/],
      ["no service account", {}, "clientId", /^no service account is configured\./, { MONGODB_ATLAS_CLIENT_ID: "" }],
    ] as const) {
      it(`none for ${title}, and names the argument without its value`, async () => {
        const { failures, outs } = await get(await fixture.share(env), args);
        assert.equal(failures.length, 1);
        assert.equal(failures[0]?.property, property);
        assert.match(failures[0].reason, reason);
        assert.ok(!JSON.stringify(failures).includes("planted"));
        assert.deepEqual([outs, fixture.requests], [{}, []]);
      });
    }
  });

  describe("revokes the token", () => {
    const sigbreak = 'data:text/javascript,process.on("SIGUSR2", () => process.emit("SIGBREAK"))';
    for (const [how, act, nodeOptions = [], fifo = false] of [
      ["SIGINT", signal("SIGINT")],
      ["SIGTERM", signal("SIGTERM")],
      ["SIGBREAK, which Node.js makes of CTRL_BREAK", signal("SIGUSR2"), ["--import", sigbreak]],
      ["the end of the engine, which ends its standard input", ({ host }: Provider) => host.endInput(), [], true],
    ] as const) {
      it(`on ${how}`, async function () {
        if (process.platform === "win32") skip(this, "Windows has no such end of a process");
        const provider = await fixture.start({}, {}, nodeOptions, fifo);
        await tokenOf(provider);
        assert.deepEqual(await end(provider, act), []);
        assert.deepEqual([fixture.requests, fixture.active], [["issue 200", "revoke 200"], 0]);
      });
    }

    it("not on Cancel, which comes while other providers still use it", async () => {
      const provider = await fixture.start();
      const token = await tokenOf(provider);
      await cancel(provider);
      assert.equal(await tokenOf(provider), token);
      assert.deepEqual([fixture.requests, fixture.active], [["issue 200"], 1]);
      await end(provider);
      assert.equal(fixture.active, 0);
    });

    it("that is being issued, and issues no other", async () => {
      const provider = await fixture.start();
      let refused: unknown;
      fixture.after = ({ endpoint }) => {
        if (endpoint === "issue") signal("SIGINT")(provider);
      };
      fixture.before = async ({ endpoint }) => {
        if (endpoint === "revoke") refused = await failureOf(get(provider));
      };
      await Promise.allSettled([get(provider), end(provider, () => undefined)]);
      assert.match(String(refused), /the provider is ending/);
      assert.deepEqual([fixture.requests, fixture.active], [["issue 200", "revoke 200"], 0]);
    });

    it("that cannot be used and could not be revoked at once", async () => {
      const provider = await fixture.start();
      fixture.atlas.failNext("issue", 200, { body: { access_token: "a-fake-token", token_type: "mac" } });
      fixture.atlas.failNext("revoke", 403);
      assert.match((await failureOf(get(provider))).message, /expected token_type Bearer, got mac/);
      await end(provider);
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 403", "revoke 200"]);
    });

    it("that cannot be used and is just being revoked in vain", async () => {
      const provider = await fixture.start();
      fixture.atlas.failNext("issue", 200, { body: { access_token: "a-fake-token", token_type: "mac" } });
      fixture.before = ({ endpoint }) => (endpoint === "revoke" ? new Promise(() => undefined) : undefined);
      const failed = failureOf(get(provider));
      await until("the revocation", () => fixture.requests.length === 2);
      assert.match(
        (await end(provider)).join(),
        /^The ephemeral token of this run may not have been revoked: no_response/,
      );
      assert.match((await failed).message, /got mac; revoking the token failed \(aborted\)/);
    });

    it("within the time that the engine gives, whatever another call waits for", async () => {
      const provider = await fixture.start();
      await tokenOf(provider);
      fixture.before = ({ endpoint }) => (endpoint === "issue" ? new Promise(() => undefined) : undefined);
      const account = { clientId: "another-client", clientSecret: "another-secret" };
      const waiting = failureOf(get(provider, account));
      await until("the second request", () => fixture.requests.length === 2);
      assert.deepEqual([await end(provider), fixture.active], [[], 0]);
      assert.match((await waiting).message, /aborted/);
    });
  });

  describe("at the end, with a server that", () => {
    const echo = (token: string) => ({ error: "x", error_description: `no ${token} ${defaultClientSecret}` });
    const refuse = (status: number, options: object) => (token: string) =>
      fixture.atlas.failNext("revoke", status, { body: echo(token), ...options });
    const onRevoke = (act: () => Promise<void> | void) => () => {
      fixture.before = ({ endpoint }) => (endpoint === "revoke" ? act() : undefined);
    };
    const unavailable = /^The ephemeral token of this run was not revoked: service_unavailable \(503\)/;
    const loseOnce = onRevoke(() => {
      fixture.before = undefined;
      throw new Error("the connection is lost");
    });

    for (const [title, arrange, revokes, warning] of [
      ["is unavailable once, tries again", refuse(503, { retryAfter: null }), ["revoke 503", "revoke 200"], undefined],
      ["loses the connection once, tries again", loseOnce, ["revoke none", "revoke 200"], undefined],
      ["refuses, warns", refuse(403, {}), ["revoke 403"], /was not revoked: access_denied \(403\)/],
      ["is unavailable for too long, warns", refuse(503, { retryAfter: 60 }), ["revoke 503"], unavailable],
      ["limits the rate, warns at once", refuse(429, { retryAfter: 1 }), ["revoke 429"], /rate_limited \(429\)/],
      [
        "never responds, warns",
        onRevoke(() => new Promise(() => undefined)),
        ["revoke none"],
        /may not .* no_response/,
      ],
    ] as const) {
      it(title, async () => {
        const folder = await makeTempDir();
        try {
          const file = join(folder, "audit.jsonl");
          const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_AUDIT_LOG: file });
          const token = await tokenOf(provider);
          arrange(token);
          const warnings = await end(provider);
          assert.deepEqual(fixture.requests, ["issue 200", ...revokes]);
          assert.equal(warnings.length, warning === undefined ? 0 : 1);
          for (const text of warnings) {
            assert.match(text, warning!);
            const { expiresAt } = fixture.atlas.tokens().at(-1)!;
            assert.ok(text.includes(`it expires at ${expiresAt.toISOString().replace(".000", "")} (in `), text);
            assert.match(
              text,
              /\n {2}Next: wait until then; no later run can revoke this token, because the provider does not store it\./,
            );
          }
          const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
          const events = lines.map((line) => auditEventSchema.parse(JSON.parse(line)));
          const outcome = warning === undefined ? "revoked" : "revoke_failed";
          assert.deepEqual(
            events.map(({ event }) => event),
            ["issued", outcome],
          );
          for (const { resourceId } of events) assert.match(resourceId ?? "", /^getEphemeralToken-[0-9a-f]{8}$/);
          const shown = [...warnings, ...lines, await provider.shown()].join("\n");
          for (const form of [token, defaultClientSecret].flatMap(formsOf)) assert.ok(!shown.includes(form), shown);
        } finally {
          await removeTempDir(folder);
        }
      });
    }

    it("is unavailable and never says what time it is, warns in time although this machine's clock is fast", async () => {
      const provider = await fixture.start();
      const headers = { date: "unknown" };
      const jwt = ["{}", `{"exp":${Math.floor(Date.now() / 1000) - 7200}}`, "signature"]
        .map((part) => btoa(part))
        .join(".");
      fixture.atlas.failNext("issue", 200, {
        body: { access_token: jwt.replaceAll("=", ""), token_type: "Bearer" },
        headers,
      });
      await tokenOf(provider);
      fixture.atlas.failNext("revoke", 503, { retryAfter: null, headers, times: 50 });
      assert.match((await end(provider)).join(), unavailable);
      await fetch(`${fixture.atlas.url}/succeed`, { method: "POST" });
    });

    it("refuses connections, tries again and warns", async () => {
      const atlas = await startLocalAtlas();
      const provider = await fixture.start(environmentFor(atlas));
      await tokenOf(provider);
      await atlas.close();
      const [warning = ""] = await end(provider);
      assert.match(warning, /was not revoked: unreachable: [^]*Transport: connect ECONNREFUSED[^]*Attempts: [2-9] in /);
    });
  });
});
