import assert from "node:assert/strict";
import { inspect } from "node:util";

import fc from "fast-check";

import { check, type CheckResult } from "../../../provider/operations/check";
import { INPUTS, UNKNOWN, type Properties } from "../../../provider/operations/record";
import {
  assertNothingSecret,
  claim,
  clientId,
  configured,
  fakeContext,
  HOUR,
  jwt,
  origin,
  secrets,
  variables,
  type Fakes,
} from "./fake";

/** Inputs with which nothing is wrong. */
const good = { name: "ci", clientId, clientSecret: secrets.input, baseUrl: origin, renewBefore: "10m" };

function checkWith(news: Properties, fakes: Fakes = {}, olds: Properties = {}): CheckResult {
  return check(olds, news, fakeContext(fakes));
}

function without(name: keyof typeof good): Properties {
  return { ...good, [name]: undefined };
}

describe("check", () => {
  it("takes good inputs as they are", () => {
    const inputs = { ...good, keepers: { a: 1, b: [{ c: null }] }, existingToken: jwt({ exp: claim(HOUR) }) };
    assert.deepEqual(checkWith(inputs), { inputs, failures: [] });
  });

  it("takes no note of the serialized provider, which Pulumi adds again by itself", () => {
    assert.deepEqual(checkWith({ ...good, __provider: "exports.handler = …" }), { inputs: good, failures: [] });
  });

  for (const absent of [null, undefined]) {
    it(`counts ${String(absent)} as left out, whatever the property`, () => {
      const names = ["keepers", "existingToken", "clientSecret", "nonsense"];
      const { inputs, failures } = checkWith(
        { name: "ci", ...Object.fromEntries([...names, "clientId", "baseUrl", "renewBefore"].map((n) => [n, absent])) },
        { env: { [variables.clientId]: clientId, [variables.clientSecret]: secrets.env } },
      );
      assert.deepEqual(failures, []);
      assert.deepEqual(inputs, { name: "ci", clientId, baseUrl: "https://cloud.mongodb.com", renewBefore: "10m" });
    });
  }

  it("reports everything that is wrong at once", () => {
    const { failures } = checkWith({ name: "ci", baseUrl: "nonsense", renewBefore: "soon", colour: "red" });
    assert.deepEqual(
      failures.map(({ property, reason }) => property || reason.split(" ")[0]),
      ["baseUrl", "renewBefore", "colour", "clientId"],
    );
  });

  it("keeps what is wrong out of the inputs", () => {
    const { inputs } = checkWith({ ...good, renewBefore: "soon", colour: "red" });
    assert.deepEqual({ ...inputs, renewBefore: good.renewBefore }, good);
    assert.equal("renewBefore" in inputs, false);
  });
});

describe("check fills in", () => {
  interface Row extends Fakes {
    readonly description: string;
    readonly expected: string;
  }

  const clientIds: readonly Row[] = [
    {
      description: "the client id of the configuration before that of the environment",
      config: { [configured.clientId]: "client-of-the-config" },
      env: { [variables.clientId]: "client-of-the-environment" },
      expected: "client-of-the-config",
    },
    {
      description: "the client id of the environment where the configuration has none",
      env: { [variables.clientId]: "client-of-the-environment" },
      expected: "client-of-the-environment",
    },
    {
      description: "the client id of the environment where the configured one is empty",
      config: { [configured.clientId]: "" },
      env: { [variables.clientId]: "client-of-the-environment" },
      expected: "client-of-the-environment",
    },
  ];
  for (const { description, expected, ...fakes } of clientIds) {
    it(description, () => {
      const { inputs, failures } = checkWith(without("clientId"), fakes);
      assert.deepEqual({ clientId: inputs["clientId"], failures }, { clientId: expected, failures: [] });
    });
  }

  const baseUrls: readonly Row[] = [
    {
      description: "the configured base URL before everything else",
      config: { [configured.baseUrl]: "https://config.example", [configured.government]: "true" },
      env: { [variables.baseUrl]: "https://environment.example" },
      expected: "https://config.example",
    },
    {
      description: "the base URL of Atlas for Government before that of the environment",
      config: { [configured.government]: "true" },
      env: { [variables.baseUrl]: "https://environment.example" },
      expected: "https://cloud.mongodbgov.com",
    },
    {
      description: "the base URL of the environment where isMongodbgovCloud is false",
      config: { [configured.government]: "false" },
      env: { [variables.baseUrl]: "https://environment.example" },
      expected: "https://environment.example",
    },
    {
      description: "the base URL of the environment where isMongodbgovCloud is empty",
      config: { [configured.government]: "" },
      env: { [variables.baseUrl]: "https://environment.example" },
      expected: "https://environment.example",
    },
    {
      description: "the base URL of the environment where nothing is configured, as an origin",
      env: { [variables.baseUrl]: "HTTPS://Environment.example:443/" },
      expected: "https://environment.example",
    },
    {
      description: "the public Atlas where the base URLs of configuration and environment are empty",
      config: { [configured.baseUrl]: "" },
      env: { [variables.baseUrl]: "" },
      expected: "https://cloud.mongodb.com",
    },
    { description: "the public Atlas where nothing is said", expected: "https://cloud.mongodb.com" },
  ];
  for (const { description, expected, ...fakes } of baseUrls) {
    it(description, () => {
      const { inputs, failures } = checkWith(without("baseUrl"), fakes);
      assert.deepEqual({ baseUrl: inputs["baseUrl"], failures }, { baseUrl: expected, failures: [] });
    });
  }

  it("neither client id nor base URL where the inputs give them", () => {
    const config = { [configured.clientId]: "client-of-the-config", [configured.baseUrl]: "https://config.example" };
    assert.deepEqual(checkWith(good, { config }), { inputs: good, failures: [] });
  });

  it("a renewBefore of 10m", () => {
    assert.deepEqual(checkWith(without("renewBefore")), { inputs: good, failures: [] });
  });

  it("never a secret, wherever it is at hand", () => {
    const { inputs, failures } = checkWith(without("clientSecret"), {
      config: { [configured.clientId]: clientId, [configured.clientSecret]: secrets.config },
      env: { [variables.clientId]: clientId, [variables.clientSecret]: secrets.env },
    });
    assert.deepEqual(failures, []);
    assert.equal("clientSecret" in inputs, false);
    assertNothingSecret(JSON.stringify(inputs));
  });
});

describe("check refuses what is filled in", () => {
  const rows = [
    {
      description: "a configured base URL that is none, and names its key",
      config: { [configured.baseUrl]: "nonsense" },
      reason: "the stack's configuration (mongodbatlas:baseUrl) must be a URL such as https://cloud.mongodb.com",
    },
    {
      description: "a base URL of the environment with a path, and names the variable",
      env: { [variables.baseUrl]: "https://atlas.example/api" },
      reason: "the environment variable MONGODB_ATLAS_BASE_URL must not contain a path",
    },
    {
      description: "an isMongodbgovCloud that is neither true nor false: it decides where credentials are sent",
      config: { [configured.government]: "yes" },
      reason: "the stack's configuration (mongodbatlas:isMongodbgovCloud) must be true or false",
    },
  ];
  for (const { description, reason, ...fakes } of rows) {
    it(description, () => {
      const { inputs, failures } = checkWith(without("baseUrl"), fakes);
      assert.deepEqual(failures, [{ property: "baseUrl", reason }]);
      assert.equal("baseUrl" in inputs, false);
    });
  }

  it("no isMongodbgovCloud where the input gives the base URL", () => {
    assert.deepEqual(checkWith(good, { config: { [configured.government]: "yes" } }).failures, []);
  });
});

describe("check misses credentials", () => {
  it("and says where a service account can be given, if there is no client id", () => {
    const { failures } = checkWith({ name: "ci", baseUrl: origin });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["clientId"],
    );
    const places = [...Object.values(configured).slice(0, 2), variables.clientId, variables.clientSecret];
    for (const place of [...places, "the inputs clientId and clientSecret"]) {
      assert.ok(failures[0]!.reason.includes(place), `${place} in: ${failures[0]!.reason}`);
    }
  });

  const beside = { [variables.clientSecret]: secrets.env };
  const rows: readonly (Fakes & { readonly description: string; readonly missing: boolean })[] = [
    { description: "is content with a secret of the environment alone", env: beside, missing: false },
    {
      description: "is content with a secret of the environment beside its client id",
      env: { ...beside, [variables.clientId]: clientId },
      missing: false,
    },
    {
      description: "does not count a secret of the environment beside another client id",
      env: { ...beside, [variables.clientId]: "another-client" },
      missing: true,
    },
    {
      description: "is content with a secret of the configuration alone",
      config: { [configured.clientSecret]: secrets.config },
      missing: false,
    },
    {
      description: "does not count a secret of the configuration beside another client id",
      config: { [configured.clientSecret]: secrets.config, [configured.clientId]: "another-client" },
      missing: true,
    },
    { description: "does not count an empty secret", env: { [variables.clientSecret]: "" }, missing: true },
    { description: "fails where there is no secret at all", missing: true },
  ];
  for (const { description, missing, ...fakes } of rows) {
    it(description, () => {
      const { failures } = checkWith(without("clientSecret"), fakes);
      assert.deepEqual(
        failures.map(({ property }) => property),
        missing ? ["clientSecret"] : [],
      );
      const places = [clientId, "the input clientSecret", configured.clientSecret, variables.clientSecret];
      for (const place of missing ? places : []) assert.ok(failures[0]!.reason.includes(place), place);
      assertNothingSecret(JSON.stringify(failures));
    });
  }

  it("only once where the client id is missing as well", () => {
    assert.equal(checkWith({ name: "ci", baseUrl: origin }).failures.length, 1);
  });

  it("looks for the secret of a client id that was filled in", () => {
    const { failures } = checkWith({ name: "ci", baseUrl: origin }, { env: { [variables.clientId]: clientId } });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["clientSecret"],
    );
  });
});

describe("check lets unknown values pass", () => {
  for (const name of INPUTS) {
    it(`in ${name}`, () => {
      assert.deepEqual(checkWith({ ...good, [name]: UNKNOWN }), { inputs: { ...good, [name]: UNKNOWN }, failures: [] });
    });
  }

  it("in a client id for which no secret can be looked for yet", () => {
    const { failures } = checkWith({ ...without("clientSecret"), clientId: UNKNOWN });
    assert.deepEqual(failures, []);
  });

  it("anywhere within keepers", () => {
    const keepers = { a: UNKNOWN, b: { c: [UNKNOWN] } };
    assert.deepEqual(checkWith({ ...good, keepers }), { inputs: { ...good, keepers }, failures: [] });
  });
});

describe("check refuses values that TypeScript would have refused", () => {
  const texts = ["clientId", "clientSecret", "baseUrl", "renewBefore", "existingToken"] as const;
  const noTexts: readonly unknown[] = [5, 0, true, false, ["a"], { a: 1 }, 5n, Symbol("a"), () => "a"];
  for (const name of texts) {
    for (const value of noTexts) {
      it(`${inspect(value)} as ${name}`, () => {
        const { inputs, failures } = checkWith({ ...good, [name]: value });
        assert.deepEqual(reasonsOf(failures, name), ["must be a string"]);
        assert.equal(name in inputs, false);
      });
    }
    it(`an empty ${name}`, () => {
      assert.match(reasonsOf(checkWith({ ...good, [name]: "" }).failures, name)[0]!, /^must not be empty$/);
    });
  }

  for (const value of ["a", 5, true, ["a"], 5n, () => "a"]) {
    it(`${inspect(value)} as keepers`, () => {
      assert.deepEqual(reasonsOf(checkWith({ ...good, keepers: value }).failures, "keepers"), ["must be an object"]);
    });
  }
});

/** The reasons of a property's failures, with the property named either way. */
function reasonsOf(failures: CheckResult["failures"], name: string): string[] {
  return failures.map(({ property, reason }) => {
    if (property === name) return reason;
    assert.equal(property, "");
    assert.ok(reason.startsWith(`${name} `), reason);
    return reason.slice(name.length + 1);
  });
}

describe("check names the property of a failure", () => {
  // The engine prints the value of the property that a failure names, of a secret one as well.
  const rows: readonly { description: string; news: Properties; property: string; begins: string }[] = [
    { description: "for a client id", news: { ...good, clientId: "" }, property: "clientId", begins: "must" },
    { description: "for renewBefore", news: { ...good, renewBefore: "1h" }, property: "renewBefore", begins: "must" },
    {
      description: "for a base URL",
      news: { ...good, baseUrl: "http://atlas.example" },
      property: "baseUrl",
      begins: "must use https",
    },
    {
      description: "for a secret that is missing",
      news: without("clientSecret"),
      property: "clientSecret",
      begins: "no secret is at hand",
    },
    {
      description: "in the reason alone for a wrong secret",
      news: { ...good, clientSecret: 5 },
      property: "",
      begins: "clientSecret must",
    },
    {
      description: "in the reason alone for a wrong existing token",
      news: { ...good, existingToken: 5 },
      property: "",
      begins: "existingToken must",
    },
    {
      description: "in the reason alone for wrong keepers",
      news: { ...good, keepers: "a" },
      property: "",
      begins: "keepers must",
    },
    {
      description: "in the reason alone for an unknown name",
      news: { ...good, secret: "a" },
      property: "",
      begins: "secret is not an argument",
    },
    {
      description: "in the reason alone for a base URL with credentials",
      news: { ...good, baseUrl: "https://a:b@atlas.example" },
      property: "",
      begins: "baseUrl must",
    },
    {
      description: "in the reason alone for a base URL with a query",
      news: { ...good, baseUrl: "https://atlas.example?key=a" },
      property: "",
      begins: "baseUrl must",
    },
    {
      description: "in the reason alone for a base URL with a fragment",
      news: { ...good, baseUrl: "https://atlas.example#a" },
      property: "",
      begins: "baseUrl must",
    },
    {
      description: "in the reason alone for a base URL that is no text",
      news: { ...good, baseUrl: { secret: "a" } },
      property: "",
      begins: "baseUrl must",
    },
  ];
  for (const { description, news, property, begins } of rows) {
    it(description, () => {
      const { failures } = checkWith(news);
      assert.equal(failures.length, 1);
      assert.equal(failures[0]!.property, property);
      assert.ok(failures[0]!.reason.startsWith(begins), failures[0]!.reason);
    });
  }
});

describe("check refuses an unknown name", () => {
  const rows = [
    { name: "clientid", suggestion: ": did you mean clientId?" },
    { name: "client_secret", suggestion: ": did you mean clientSecret?" },
    { name: "baseURL", suggestion: ": did you mean baseUrl?" },
    { name: "renewbefor", suggestion: ": did you mean renewBefore?" },
    { name: "keeper", suggestion: ": did you mean keepers?" },
    { name: "existingTokens", suggestion: ": did you mean existingToken?" },
    { name: "names", suggestion: "" },
    { name: "accessToken", suggestion: "" },
    { name: "toString", suggestion: "" },
    { name: "constructor", suggestion: "" },
    { name: "", suggestion: "" },
  ];
  for (const { name, suggestion } of rows) {
    it(`"${name}"${suggestion === "" ? ", without a suggestion" : suggestion}`, () => {
      assert.deepEqual(checkWith({ ...good, [name]: "a" }).failures, [
        { property: "", reason: `${name} is not an argument of ServiceAccountToken${suggestion}` },
      ]);
    });
  }

  it("whose value is not known yet", () => {
    assert.equal(checkWith({ ...good, colour: UNKNOWN }).failures.length, 1);
  });
});

describe("check makes an origin of a base URL", () => {
  const rows = [
    { baseUrl: "https://cloud.mongodb.com", expected: "https://cloud.mongodb.com" },
    { baseUrl: "https://cloud.mongodbgov.com/", expected: "https://cloud.mongodbgov.com" },
    { baseUrl: "HTTPS://Cloud.MongoDB.com", expected: "https://cloud.mongodb.com" },
    { baseUrl: "https://atlas.example:443", expected: "https://atlas.example" },
    { baseUrl: "https://atlas.example:8443/", expected: "https://atlas.example:8443" },
    { baseUrl: "https://10.1.2.3", expected: "https://10.1.2.3" },
    { baseUrl: "https://[2001:db8::1]:8443", expected: "https://[2001:db8::1]:8443" },
    { baseUrl: "https://bücher.example", expected: "https://xn--bcher-kva.example" },
    { baseUrl: "http://localhost", expected: "http://localhost" },
    { baseUrl: "http://LOCALHOST:8080/", expected: "http://localhost:8080" },
    { baseUrl: "http://127.0.0.1:8765", expected: "http://127.0.0.1:8765" },
    { baseUrl: "http://127.255.255.254", expected: "http://127.255.255.254" },
    { baseUrl: "http://127.1:80", expected: "http://127.0.0.1" },
    { baseUrl: "http://[::1]:8765", expected: "http://[::1]:8765" },
    { baseUrl: "https://localhost", expected: "https://localhost" },
  ];
  for (const { baseUrl, expected } of rows) {
    it(`${expected} of ${baseUrl}`, () => {
      assert.deepEqual(checkWith({ ...good, baseUrl }), { inputs: { ...good, baseUrl: expected }, failures: [] });
    });
  }
});

describe("check refuses as a base URL", () => {
  const plain = "must use https (http is allowed only on localhost)";
  const rows = [
    { baseUrl: "nonsense", reason: "must be a URL such as https://cloud.mongodb.com" },
    { baseUrl: "cloud.mongodb.com", reason: "must be a URL such as https://cloud.mongodb.com" },
    { baseUrl: "//cloud.mongodb.com", reason: "must be a URL such as https://cloud.mongodb.com" },
    { baseUrl: "https://", reason: "must be a URL such as https://cloud.mongodb.com" },
    { baseUrl: "https://atlas.example:99999", reason: "must be a URL such as https://cloud.mongodb.com" },
    { baseUrl: "cloud.mongodb.com:443", reason: "must start with https://" },
    { baseUrl: "ftp://atlas.example", reason: "must start with https://" },
    { baseUrl: "file:///etc/passwd", reason: "must start with https://" },
    { baseUrl: "javascript:alert(1)", reason: "must start with https://" },
    { baseUrl: "http://atlas.example", reason: plain },
    { baseUrl: "http://localhost.atlas.example", reason: plain },
    { baseUrl: "http://127.0.0.1.atlas.example", reason: plain },
    { baseUrl: "http://128.0.0.1", reason: plain },
    { baseUrl: "http://0.0.0.0", reason: plain },
    { baseUrl: "http://10.1.2.3", reason: plain },
    { baseUrl: "http://[::2]", reason: plain },
    { baseUrl: "https://fake-user@atlas.example", reason: "must not contain credentials" },
    { baseUrl: "https://fake-user:fake-password@atlas.example", reason: "must not contain credentials" },
    { baseUrl: "https://:fake-password@atlas.example", reason: "must not contain credentials" },
    { baseUrl: "http://localhost@atlas.example", reason: "must not contain credentials" },
    { baseUrl: "https://atlas.example?", reason: "must not contain a query or a fragment" },
    { baseUrl: "https://atlas.example/?a=b", reason: "must not contain a query or a fragment" },
    { baseUrl: "https://atlas.example#", reason: "must not contain a query or a fragment" },
    { baseUrl: "https://atlas.example/#a", reason: "must not contain a query or a fragment" },
    { baseUrl: "https://atlas.example/api/oauth", reason: "must not contain a path" },
    { baseUrl: "https://atlas.example//", reason: "must not contain a path" },
    { baseUrl: "http://localhost:8080/a", reason: "must not contain a path" },
  ];
  for (const { baseUrl, reason } of rows) {
    it(baseUrl, () => {
      const { inputs, failures } = checkWith({ ...good, baseUrl });
      assert.deepEqual(reasonsOf(failures, "baseUrl"), [reason]);
      assert.equal("baseUrl" in inputs, false);
    });
  }
});

describe("check takes as renewBefore", () => {
  const rows = ["0", "0s", "1ns", "90s", "10m", "59m30s", "59m59.999s", "0h", "0.5h", ".5h", "1.5m", "1.m", "1500ms"];
  for (const renewBefore of [...rows, "10us", "10µs", "10μs", "10m10m", "never"]) {
    it(renewBefore, () => {
      const inputs = { ...good, renewBefore };
      assert.deepEqual(checkWith(inputs), { inputs, failures: [] });
    });
  }
});

describe("check refuses as renewBefore", () => {
  const tooLong = ["1h", "60m", "3600s", "59m60s", "24h", "1h30m", "999999999999999999999h"];
  const none = [
    "10",
    "m",
    "10 m",
    " 10m",
    "10m ",
    "10M",
    "10min",
    "1d",
    "1h30",
    "-10m",
    "1e3s",
    "0x10s",
    ".s",
    "10m,5s",
  ];
  for (const renewBefore of [...tooLong, ...none, "Never", "NEVER", "always", "P10M", "00:10:00"]) {
    it(`"${renewBefore}"`, () => {
      const reason = "must be a duration such as 90s, 10m or 59m30s, under the hour that a token lives, or never";
      assert.deepEqual(checkWith({ ...good, renewBefore }).failures, [{ property: "renewBefore", reason }]);
    });
  }
});

describe("check looks at an existing token", () => {
  const expired = jwt({ exp: claim(-HOUR) });

  it("and refuses one that has expired, with when", () => {
    const { failures } = checkWith({ ...good, existingToken: expired });
    assert.deepEqual(failures, [
      {
        property: "",
        reason: "existingToken expired at 2026-11-01T11:00:00Z (60 min ago): there is nothing to adopt",
      },
    ]);
    assertNothingSecret(JSON.stringify(failures), [expired]);
  });

  const rows = [
    { description: "refuses one that expires this very moment", claims: { exp: claim(0) }, refused: true },
    { description: "takes one that expires in a second", claims: { exp: claim(1000) }, refused: false },
    { description: "takes one that does not tell its expiry", claims: { iat: claim(-HOUR) }, refused: false },
    { description: "takes one whose expiry makes no sense", claims: { exp: "yesterday" }, refused: false },
  ];
  for (const { description, claims, refused } of rows) {
    it(description, () => {
      assert.equal(checkWith({ ...good, existingToken: jwt(claims) }).failures.length, refused ? 1 : 0);
    });
  }

  it("takes one that is no JWT", () => {
    assert.deepEqual(checkWith({ ...good, existingToken: "opaque" }).failures, []);
  });

  it("does not hold it against the one that was adopted already that it has expired since", () => {
    assert.deepEqual(checkWith({ ...good, existingToken: expired }, {}, { existingToken: expired }).failures, []);
  });

  it("holds it against a new one whatever was adopted before", () => {
    const olds = { existingToken: jwt({ exp: claim(HOUR) }) };
    assert.equal(checkWith({ ...good, existingToken: expired }, {}, olds).failures.length, 1);
  });
});

describe("check, whatever it is given,", () => {
  const secretText = fc.stringMatching(/^[a-z]{12}$/).map((text) => `SECRET${text}`);

  it("reports and does not throw", () => {
    const names = fc.oneof(fc.constantFrom<string>(...INPUTS, "__provider", "__proto__", "constructor"), fc.string());
    const bags = fc.dictionary(names, fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }));
    fc.assert(
      fc.property(bags, bags, (olds, news) => {
        const { inputs, failures } = checkWith(news, {}, olds);
        assert.ok(failures.every(({ property, reason }) => typeof property === "string" && reason !== ""));
        assert.ok(Object.keys(inputs).every((name) => (INPUTS as readonly string[]).includes(name)));
      }),
    );
  });

  it("never repeats the value of what may be secret, nor names its property to the engine, which would", () => {
    const wrap = fc.constantFrom(
      (text: string): unknown => text,
      (text: string) => [text],
      (text: string) => ({ [text]: text }),
      (text: string) => `https://user:${text}@atlas.example`,
      (text: string) => `https://atlas.example/?key=${text}`,
      (text: string) => jwt({ exp: claim(-HOUR), text }),
    );
    const names = fc.constantFrom("clientSecret", "baseUrl", "keepers", "existingToken", "colour");
    fc.assert(
      fc.property(names, wrap, secretText, (name, wrapped, text) => {
        const value = wrapped(text);
        const { failures } = checkWith({ ...good, [name]: value });
        assertNothingSecret(JSON.stringify(failures), [text, typeof value === "string" ? value : text]);
        // A base URL is shown unless it has a part in which credentials can be.
        const looksHarmless = name === "baseUrl" && typeof value === "string" && !/[@?#]/.test(value);
        assert.ok(looksHarmless || failures.every(({ property }) => property === ""));
      }),
    );
  });
});
