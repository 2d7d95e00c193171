import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { inspect } from "node:util";

import * as ours from "../../../provider/oauth/error";
import { AtlasOAuthError, errorOf, isAtlasOAuthError } from "../../../provider/oauth/error";
import { headline } from "../../../provider/oauth/messages";
import type { CallInfo } from "../../../provider/oauth/messages";
import type { Failure } from "../../../provider/oauth/failure";
import * as publicClient from "../../../provider/oauth/index";

type Code = AtlasOAuthError["code"];

/** Compiles only while each code of the union is named here, and none besides. */
const statuses: Record<Code, number | undefined> = {
  invalid_request: 400,
  unsupported_grant_type: 400,
  invalid_grant: 400,
  invalid_client: 401,
  access_denied: 403,
  rate_limited: 429,
  server_error: 500,
  service_unavailable: 503,
  unexpected_response: 404,
  unreachable: undefined,
  no_response: undefined,
  aborted: undefined,
  invalid_argument: undefined,
};

/** Compiles only while a `switch` without a default covers the union, and narrows it as documented. */
function narrowed(error: AtlasOAuthError): number | boolean | undefined {
  switch (error.code) {
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
      return error.status satisfies 400;
    case "invalid_client":
      return error.status satisfies 401;
    case "access_denied":
      return error.status satisfies 403;
    case "rate_limited":
      return error.status satisfies 429;
    case "server_error":
      return error.status satisfies 500;
    case "service_unavailable":
      return error.status satisfies 503;
    case "unexpected_response":
      return error.status satisfies number;
    case "aborted":
      return error.sent satisfies boolean;
    case "unreachable":
    case "no_response":
    case "invalid_argument":
      return error.status satisfies undefined;
  }
}

const context: CallInfo = {
  endpoint: "revoke",
  origin: "https://atlas.example:8443",
  clientId: "fake-client-id",
  attempts: 3,
  elapsedMs: 61_234,
};

function failure(code: Code, details: Partial<Failure> = {}): Failure {
  return {
    code,
    status: statuses[code],
    ...(code === "aborted" ? { sent: true } : {}),
    retryable: false,
    ...details,
  } as Failure;
}

/** Another copy of the module, as where two versions of the package meet in one process. */
function loadCopy(): typeof ours {
  const load = createRequire(__filename);
  const file = load.resolve("../../../provider/oauth/error.ts");
  const cached = load.cache[file];
  Reflect.deleteProperty(load.cache, file);
  try {
    return load(file) as typeof ours;
  } finally {
    load.cache[file] = cached;
  }
}

describe("AtlasOAuthError", () => {
  for (const code of Object.keys(statuses) as Code[]) {
    it(`carries the code ${code}, its status and a headline of its own words`, () => {
      const error = errorOf(failure(code), context);
      assert.equal(error.code, code);
      assert.equal(error.status, statuses[code]);
      assert.equal(narrowed(error), code === "aborted" ? true : statuses[code]);
      assert.ok(error.message.includes(`${code}${statuses[code] === undefined ? "" : ` (${statuses[code]})`}: `));
      assert.ok(error.message.includes(headline(error)));
      assert.notEqual(headline(error), "");
    });
  }

  it("carries everything that is known of a failure", () => {
    const details = {
      description: "Try later.",
      retryAfter: 7,
      retryable: true,
      mayHaveIssued: true,
      serviceVersion: "gitHash=0; versionString=v1",
      cause: { name: "Error", code: "ECONNRESET", syscall: "read" },
    };
    const issuing = { ...context, endpoint: "issue" } as const;
    const { description, retryAfter, retryable, mayHaveIssued, serviceVersion, cause, endpoint, attempts, elapsedMs } =
      errorOf(failure("service_unavailable", details), issuing);
    assert.deepEqual({ description, retryAfter, retryable, mayHaveIssued, serviceVersion, cause }, details);
    assert.deepEqual({ endpoint, attempts, elapsedMs }, { endpoint: "issue", attempts: 3, elapsedMs: 61_234 });
  });

  it("has no property for what is not known", () => {
    const error = errorOf(failure("invalid_client"), context);
    for (const key of ["description", "retryAfter", "serviceVersion", "cause", "sent"])
      assert.equal(key in error, false);
  });

  const mayHaveIssued = [
    { endpoint: "issue", told: true, expected: true },
    { endpoint: "issue", told: false, expected: false },
    { endpoint: "issue", told: undefined, expected: false },
    { endpoint: "revoke", told: true, expected: false },
  ] as const;
  for (const { endpoint, told, expected } of mayHaveIssued) {
    it(`says ${expected ? "that" : "not that"} a token may exist: ${endpoint}, ${String(told)}`, () => {
      const details = told === undefined ? {} : { mayHaveIssued: told };
      const error = errorOf(failure("server_error", details), { ...context, endpoint });
      assert.equal(error.mayHaveIssued, expected);
      assert.equal(error.message.includes("Atlas may have issued one"), expected);
    });
  }

  describe("its message", () => {
    it("begins with what was not achieved and says what an engineer on call needs", () => {
      const details = { description: "Unexpected error.", serviceVersion: "gitHash=0; versionString=v1" };
      assert.equal(
        errorOf(failure("server_error", details), context).message,
        'the token was not revoked: server_error (500): Atlas returned an internal error: "Unexpected error."' +
          " [POST atlas.example:8443/api/oauth/revoke; client ID fake-client-id;" +
          " service version gitHash=0; versionString=v1; 3 attempts in 61.2 s]",
      );
    });

    const rows = [
      {
        description: "names the endpoint",
        change: { endpoint: "issue" },
        part: "POST atlas.example:8443/api/oauth/token;",
      },
      { description: "tells of one attempt", change: { attempts: 1 }, part: "1 attempt in 61.2 s" },
      { description: "tells of no attempt", change: { attempts: 0, elapsedMs: 0 }, part: "0 attempts in 0.0 s" },
    ] as const;
    for (const { description, change, part } of rows) {
      it(description, () => {
        assert.ok(errorOf(failure("no_response"), { ...context, ...change }).message.includes(part));
      });
    }

    it("names the transport's code where there are no words", () => {
      const error = errorOf(failure("unreachable", { cause: { name: "Error", code: "ENOTFOUND" } }), context);
      assert.ok(error.message.includes("Atlas could not be reached: ENOTFOUND ["), error.message);
    });

    it("prefers words to the transport's code", () => {
      const details = { description: "the proxy answered CONNECT with 407", cause: { name: "Error", code: "UND_ERR" } };
      const { message } = errorOf(failure("unreachable", details), context);
      assert.ok(message.includes("CONNECT with 407 [") && !message.includes("UND_ERR"), message);
    });
  });

  describe("is told by", () => {
    const error: unknown = errorOf(failure("invalid_client"), context);

    it("its name", () => assert.equal((error as Error).name, "AtlasOAuthError"));
    it("being an Error", () => assert.ok(error instanceof Error));
    it("instanceof", () => assert.ok(error instanceof AtlasOAuthError));
    it("the guard", () => assert.ok(isAtlasOAuthError(error)));
    it("what the package exports", () => {
      assert.ok(error instanceof publicClient.AtlasOAuthError);
      assert.ok(publicClient.isAtlasOAuthError(error));
    });

    it("the guard and instanceof of another copy of the package", () => {
      const copy = loadCopy();
      assert.notEqual(copy.AtlasOAuthError, AtlasOAuthError);
      const theirs: unknown = copy.errorOf(failure("invalid_client"), context);
      assert.equal(Object.getPrototypeOf(theirs) === Object.getPrototypeOf(error), false);
      assert.ok(isAtlasOAuthError(theirs) && theirs instanceof AtlasOAuthError);
      assert.ok(copy.isAtlasOAuthError(error) && error instanceof copy.AtlasOAuthError);
    });

    const others = [
      { description: "another error", value: new Error("AtlasOAuthError") },
      {
        description: "an error of the same name",
        value: Object.assign(new Error(), { name: "AtlasOAuthError", code: "aborted" }),
      },
      { description: "an object with the same fields", value: { ...(error as object), name: "AtlasOAuthError" } },
      { description: "undefined", value: undefined },
      { description: "null", value: null },
      { description: "a text", value: "AtlasOAuthError" },
      { description: "a number", value: 401 },
    ];
    for (const { description, value } of others) {
      it(`none of these: ${description} is none`, () => {
        assert.equal(isAtlasOAuthError(value), false);
        assert.equal(value instanceof AtlasOAuthError, false);
      });
    }
  });

  it("names itself in its stack and where it is printed", () => {
    const error = errorOf(failure("invalid_client"), context);
    assert.match(String(error), /^AtlasOAuthError: the token was not revoked/);
    assert.match(inspect(error), /^AtlasOAuthError: the token was not revoked/);
    assert.match(error.stack ?? "", /^AtlasOAuthError: the token was not revoked/);
  });

  it("keeps its fields where it is turned into JSON", () => {
    const error = errorOf(failure("invalid_client", { description: "No." }), context);
    const { code, status, description, endpoint, attempts } = JSON.parse(JSON.stringify(error)) as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      { code, status, description, endpoint, attempts },
      { code: "invalid_client", status: 401, description: "No.", endpoint: "revoke", attempts: 3 },
    );
  });
});
