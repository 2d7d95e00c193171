import { join } from "node:path";

import { endpoints } from "../support/oauth/contract";
import { tunnel } from "./support/acts";
import { ClientProcess } from "./support/client-process";
import { once, works, type Expected } from "./support/expected";
import type { Certificate } from "./support/faulty-server";
import { behindProxy, https, withEnv, type Scene, type Target } from "./support/scene";
import { Stage } from "./support/stage";
import { checkSeen, testRows } from "./support/table";

interface TlsRow {
  readonly description: string;
  readonly scene: Scene;
  readonly expected: Expected;
}

/** A bad certificate of Atlas or of its proxy; `NODE_TLS_REJECT_UNAUTHORIZED=0` ("unchecked") does not make it good. */
function everywhere(description: string, certificate: Certificate, cause: string): readonly TlsRow[] {
  const rejected = (requests: number): Expected =>
    once("unreachable", { cause, requests, description: /NODE_EXTRA_CA_CERTS/, connections: 1 });
  const rows: readonly TlsRow[] = [
    { description: `Atlas has ${description}`, scene: https({ certificate }), expected: rejected(0) },
    {
      description: `Atlas behind a proxy has ${description}`,
      scene: behindProxy({ respond: tunnel }, { certificate }),
      expected: rejected(1),
    },
    {
      description: `the proxy has ${description}`,
      scene: behindProxy({ respond: tunnel, certificate }),
      expected: rejected(0),
    },
  ];
  const unchecked = rows.map((row) => ({
    ...row,
    description: `${row.description}, unchecked`,
    scene: withEnv({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, row.scene),
  }));
  return [...rows, ...unchecked];
}

testRows(
  "no private CA is known:",
  everywhere("a certificate of an unknown CA", "valid", "UNABLE_TO_VERIFY_LEAF_SIGNATURE").map(
    ({ expected, ...row }) => ({ ...row, issue: expected, revoke: expected }),
  ),
);

describe("NODE_EXTRA_CA_CERTS names a private CA:", () => {
  const client = new ClientProcess({ NODE_EXTRA_CA_CERTS: join(__dirname, "certificates", "ca.pem") });
  before(() => client.start());
  after(() => client.end());

  const valid = "valid" as const;
  const rows: readonly TlsRow[] = [
    { description: "Atlas has its certificate", scene: https({ certificate: valid }), expected: works() },
    { description: "Atlas behind a proxy has its", scene: behindProxy({ respond: tunnel }), expected: works() },
    {
      description: "Atlas and the proxy have its",
      scene: behindProxy({ respond: tunnel, certificate: valid }),
      expected: works(),
    },
    ...everywhere("a self-signed certificate", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    ...everywhere("a certificate for another name", "other-name", "ERR_TLS_CERT_ALTNAME_INVALID"),
    ...everywhere("an expired certificate", "expired", "CERT_HAS_EXPIRED"),
  ];
  for (const endpoint of endpoints) {
    for (const { description, scene, expected } of rows) {
      it(`${endpoint} ${expected.code === undefined ? "succeeds" : "fails"} if ${description}`, async () => {
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
