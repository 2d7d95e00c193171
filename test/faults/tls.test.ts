import { join } from "node:path";

import { endpoints } from "../support/oauth/contract";
import { tunnel } from "./support/acts";
import { checkSeen } from "./support/check";
import { ClientProcess } from "./support/client-process";
import { once, works, type Expected } from "./support/expected";
import type { Certificate } from "./support/faulty-server";
import { behindProxy, https, withEnv, type Scene, type Target } from "./support/scene";
import { Stage } from "./support/stage";
import { testRows } from "./support/table";

interface TlsRow {
  readonly description: string;
  readonly scene: Scene;
  readonly expected: Expected;
}

function rejected(cause: string, requests = 0): Expected {
  return once("unreachable", { cause, requests, description: /NODE_EXTRA_CA_CERTS/, connections: 1 });
}

/** A certificate where Atlas stands and where its proxy stands; behind a proxy the row counts what that saw. */
function everywhere(description: string, certificate: Certificate, cause: string): readonly TlsRow[] {
  return [
    { description: `${description} is Atlas's`, scene: https({ certificate }), expected: rejected(cause) },
    {
      description: `${description} is Atlas's behind a proxy`,
      scene: behindProxy({ respond: tunnel }, { certificate }),
      expected: rejected(cause, 1),
    },
    {
      description: `${description} is that of the proxy itself`,
      scene: behindProxy({ respond: tunnel, certificate }),
      expected: rejected(cause),
    },
  ];
}

const worthless: readonly TlsRow[] = [
  ...everywhere("a certificate that is signed by itself", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"),
  ...everywhere("a certificate for another name", "other-name", "ERR_TLS_CERT_ALTNAME_INVALID"),
  ...everywhere("an expired certificate", "expired", "CERT_HAS_EXPIRED"),
];
const unknown = everywhere("a certificate of an unknown CA", "valid", "UNABLE_TO_VERIFY_LEAF_SIGNATURE");

const trusted: readonly TlsRow[] = [
  { description: "its certificate is Atlas's", scene: https({ certificate: "valid" }), expected: works() },
  {
    description: "its certificate is Atlas's behind a proxy",
    scene: behindProxy({ respond: tunnel }),
    expected: works(),
  },
  {
    description: "its certificate is Atlas's and that of the proxy",
    scene: behindProxy({ respond: tunnel, certificate: "valid" }),
    expected: works(),
  },
];

/** The same where the environment says that certificates are not to be checked. */
function unchecked(rows: readonly TlsRow[]): readonly TlsRow[] {
  return rows.map(({ description, scene, expected }) => ({
    description: `${description} and NODE_TLS_REJECT_UNAUTHORIZED is 0`,
    scene: withEnv({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, scene),
    expected,
  }));
}

testRows(
  "no private CA is known",
  [...unknown, ...unchecked(unknown)].map((row) => ({ ...row, issue: row.expected, revoke: row.expected })),
);

describe("where a private CA is known through NODE_EXTRA_CA_CERTS", () => {
  const client = new ClientProcess({ NODE_EXTRA_CA_CERTS: join(__dirname, "certificates", "ca.pem") });
  before(async function () {
    // Another process compiles all of the client once more.
    this.timeout(60_000);
    await client.start();
  });
  after(() => client.end());

  for (const endpoint of endpoints) {
    for (const { description, scene, expected } of [...trusted, ...worthless, ...unchecked(worthless)]) {
      it(`${endpoint} ${expected.code === undefined ? "succeeds" : "fails"} where ${description}`, async () => {
        const stage = new Stage(NaN);
        let target: Target;
        try {
          target = await scene(stage);
          await client.run({ endpoint, expected, baseUrl: target.baseUrl, env: target.env ?? {} });
        } finally {
          await stage.close();
        }
        checkSeen(expected, target);
      });
    }
  }
});
