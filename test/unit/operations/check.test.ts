import assert from "node:assert/strict";

import fc from "fast-check";

import { check, type CheckResult } from "../../../provider/operations/check";
import { ARGUMENT_NAMES, UNKNOWN } from "../../../provider/operations/arguments";
import type { Properties } from "../../../provider/operations/record";
import { golden } from "../../support/golden";
import {
  anyProperties,
  assertNothingSecret,
  clientId,
  elsewhere,
  fakeContext,
  HOUR,
  jwt,
  origin,
  secrets,
  type Fakes,
} from "./fake";

/** Arguments that are valid. */
const good = { name: "ci", clientId, clientSecret: secrets.argument, baseUrl: origin, renewBefore: "10m" };

function checkWith(news: Properties, fakes: Fakes = {}, olds: Properties = {}): CheckResult {
  return check(olds, news, fakeContext(fakes));
}

function without(...names: readonly (keyof typeof good)[]): Properties {
  return Object.fromEntries(Object.entries(good).filter(([name]) => !(names as readonly string[]).includes(name)));
}

describe("check", () => {
  it("accepts valid arguments as they are", () => {
    const inputs = { ...good, keepers: { a: 1, b: [{ c: null }] }, existingToken: jwt({ exp: HOUR }) };
    assert.deepEqual(checkWith({ ...inputs, __provider: "serialized" }), { inputs, failures: [] });
  });

  it("takes null and undefined for an argument that is not given", () => {
    for (const absent of [null, undefined]) {
      const news = Object.fromEntries([...ARGUMENT_NAMES, "unknownName"].map((name) => [name, absent]));
      const fakes = { env: { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: secrets.env } };
      const inputs = { clientId, baseUrl: "https://cloud.mongodb.com", renewBefore: "10m" };
      assert.deepEqual(checkWith(news, fakes), { inputs, failures: [] });
    }
  });

  it("passes values that are not known yet, whatever the argument", () => {
    for (const name of ARGUMENT_NAMES) {
      const inputs = { ...good, [name]: UNKNOWN };
      assert.deepEqual(checkWith(inputs), { inputs, failures: [] });
    }
    assert.deepEqual(checkWith({ ...without("clientSecret"), clientId: UNKNOWN }).failures, []);
  });

  it("removes white space around credentials, base URL and token", () => {
    const token = jwt({ exp: HOUR });
    const news = Object.fromEntries(
      Object.entries({ ...good, existingToken: token }).map(([name, value]) => [name, `\r\n ${value}\t\n`]),
    );
    const inputs = { ...good, existingToken: token };
    assert.deepEqual(checkWith({ ...news, name: "ci", renewBefore: "10m" }), { inputs, failures: [] });
  });

  it("reports all failures at once and leaves what failed out of the inputs", () => {
    const { inputs, failures } = checkWith({ name: "ci", baseUrl: "nonsense", renewBefore: "soon", color: "red" });
    assert.deepEqual(inputs, { name: "ci" });
    golden("resource/check-several.txt", describeFailures(failures));
  });

  it("reports failures instead of throwing, whatever it is given", () => {
    fc.assert(
      fc.property(anyProperties, anyProperties, fc.string(), (olds, news, name) => {
        const { inputs, failures } = checkWith({ ...news, [name]: 1 }, {}, olds);
        assert.ok(failures.every(({ reason }) => reason !== ""));
        assert.ok(Object.keys(inputs).every((key) => ["name", ...ARGUMENT_NAMES].includes(key)));
      }),
    );
  });

  it("never repeats what may be secret, nor names its property to the engine, which prints the value", () => {
    const value = fc
      .stringMatching(/^[a-z]{12}$/)
      .chain((text) =>
        fc.constantFrom<unknown>(
          ...[`mdb_sa_sk_${text}`, `mdb_sa_id_${text}`, `Bearer ${text}`, `"${text}"`, [text], { [text]: text }],
          ...[`https://user:${text}@atlas.example`, `https://atlas.example/?key=${text}`, jwt({ exp: -HOUR, text })],
        ),
      );
    const name = fc.constantFrom("clientId", "clientSecret", "baseUrl", "keepers", "existingToken", "color");
    fc.assert(
      fc.property(name, value, (name, value) => {
        const { failures } = checkWith({ ...good, [name]: value });
        assertNothingSecret(JSON.stringify(failures), JSON.stringify(value).match(/[a-z]{12}/g) ?? []);
        for (const { property } of failures)
          assert.ok(property === "" || (name === "baseUrl" && typeof value === "string"));
      }),
    );
  });
});

/** Formats failures as the engine prints them: the property, if it is named, and the reason. */
function describeFailures(failures: CheckResult["failures"]): string {
  return failures.map(({ property, reason }) => (property === "" ? reason : `[${property}] ${reason}`)).join("\n");
}

describe("check refuses", () => {
  const swapped = { MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_id_fake" };
  const rows: readonly (Fakes & { readonly file: string; readonly news: Properties })[] = [
    { file: "no-service-account", news: { name: "ci", baseUrl: origin } },
    { file: "no-service-account-plugin", news: { name: "ci", baseUrl: origin }, namespace: "atlas-token" },
    { file: "no-client-secret", news: without("clientSecret") },
    { file: "no-client-secret-plugin", news: without("clientSecret"), namespace: "atlas-token" },
    { file: "empty-string", news: { ...good, clientId: "" } },
    { file: "blank-string", news: { ...good, clientSecret: " \n" } },
    { file: "not-a-string", news: { ...good, existingToken: 5 } },
    { file: "clientId-is-secret", news: { ...good, clientId: " mdb_sa_sk_fake" } },
    { file: "clientSecret-is-id", news: { ...good, clientSecret: "mdb_sa_id_fake" } },
    { file: "config-clientId-is-secret", news: without("clientId"), config: { clientId: "mdb_sa_sk_fake" } },
    { file: "env-clientId-is-secret", news: without("clientId"), env: { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_sk_fake" } },
    { file: "config-clientSecret-is-id", news: without("clientSecret"), config: { clientSecret: "mdb_sa_id_fake" } },
    { file: "env-clientSecret-is-id", news: without("clientSecret"), env: swapped },
    { file: "baseUrl-http", news: { ...good, baseUrl: "http://atlas.example" } },
    { file: "baseUrl-credentials", news: { ...good, baseUrl: "https://user:password@atlas.example" } },
    { file: "config-baseUrl", news: without("baseUrl"), config: { baseUrl: "nonsense" } },
    { file: "env-baseUrl", news: without("baseUrl"), env: { MONGODB_ATLAS_BASE_URL: "https://atlas.example/api" } },
    { file: "isMongodbgovCloud", news: without("baseUrl"), config: { isMongodbgovCloud: "yes" } },
    { file: "renewBefore", news: { ...good, renewBefore: "1h" } },
    { file: "keepers", news: { ...good, keepers: "a" } },
    { file: "unknown-argument", news: { ...good, client_secret: "a" } },
    { file: "unknown-argument-unlike-any", news: { ...good, accessToken: "a" } },
    { file: "existingToken-expired", news: { ...good, existingToken: jwt({ exp: -HOUR }) } },
    { file: "existingToken-mangled", news: { ...good, existingToken: "Bearer fake-token" } },
  ];
  for (const { file, news, ...fakes } of rows) {
    it(`what test/golden/resource/check-${file}.txt explains`, () => {
      golden(`resource/check-${file}.txt`, describeFailures(checkWith(news, fakes).failures));
    });
  }

  it("every renewBefore but a duration under an hour, or never", () => {
    const given = ["0", "90s", "59m59.999s", "never", "", "60m", "Never", "soon"];
    const refused = given.filter((renewBefore) => checkWith({ ...good, renewBefore }).failures.length > 0);
    assert.deepEqual(refused, ["", "60m", "Never", "soon"]);
  });

  it("neither an isMongodbgovCloud nor a configured client ID that are not used", () => {
    const config = { isMongodbgovCloud: "yes", clientId: "mdb_sa_sk_fake" };
    assert.deepEqual(checkWith(good, { config }).failures, []);
  });

  it("a token that expires now, but not one that expires in a second or does not say", () => {
    const tokens = [jwt({ exp: -1 }), jwt({ exp: 1000 }), jwt({ iat: -HOUR }), jwt({ claim: 1 }), "opaque"];
    const refused = tokens.map((existingToken) => checkWith({ ...good, existingToken }).failures.length);
    assert.deepEqual(refused, [1, 0, 0, 0, 0]);
  });

  it("no token that has expired since it was adopted, but another one", () => {
    const existingToken = jwt({ exp: -HOUR });
    assert.deepEqual(checkWith({ ...good, existingToken: `${existingToken}\n` }, {}, { existingToken }).failures, []);
    assert.equal(checkWith({ ...good, existingToken }, {}, { existingToken: "other" }).failures.length, 1);
  });
});

describe("check fills in", () => {
  it("what the arguments do not give, in its canonical form", () => {
    const env = { MONGODB_ATLAS_CLIENT_ID: " env-client\n", MONGODB_ATLAS_BASE_URL: "HTTPS://Env.example:443/\n" };
    const { inputs, failures } = checkWith(without("clientId", "baseUrl", "renewBefore"), { env });
    const filled = { clientId: "env-client", baseUrl: "https://env.example", renewBefore: "10m" };
    assert.deepEqual([inputs, failures], [{ ...good, ...filled }, []]);
  });

  it("no client secret, which stays where it is configured", () => {
    for (const fakes of [elsewhere, { config: elsewhere.config }, { env: elsewhere.env }]) {
      const { inputs, failures } = checkWith(without("clientSecret"), fakes);
      assert.deepEqual([inputs, failures], [without("clientSecret"), []]);
    }
  });
});
