import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { cleanEnv } from "../support/clean-env";
import { endpoints } from "../support/oauth/contract";
import { tunnel } from "./support/acts";
import type { PlannedCall } from "./support/call-in-child";
import { behindProxy, https, withEnv, type Scene, type Target } from "./support/scene";
import type { Certificate } from "./support/server";
import { Stage } from "./support/stage";
import { assertEnding, assertSeen, testRows, type Row } from "./support/table";

interface TlsRow extends Row {
  readonly scene: Scene;
  readonly issue: string;
  readonly revoke: string;
}

/** A bad certificate of Atlas or of its proxy; `NODE_TLS_REJECT_UNAUTHORIZED=0` ("unchecked") does not make it good. */
function everywhere(description: string, certificate: Certificate, cause: string): readonly TlsRow[] {
  const code = `unreachable, after 1 attempt (${cause}): the certificate could not be verified (${cause})`;
  const ending = `${code}; to trust a private CA, set NODE_EXTRA_CA_CERTS`;
  return [
    { description: `Atlas has ${description}`, scene: https({ certificate }), requests: 0 },
    {
      description: `Atlas behind a proxy has ${description}`,
      scene: behindProxy({ respond: tunnel }, { certificate }),
      requests: 1,
    },
    { description: `the proxy has ${description}`, scene: behindProxy({ respond: tunnel, certificate }), requests: 0 },
  ].flatMap((row) => [
    { ...row, issue: ending, revoke: ending },
    {
      ...row,
      description: `${row.description}, unchecked`,
      scene: withEnv({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, row.scene),
      issue: ending,
      revoke: ending,
    },
  ]);
}

testRows(
  "without a private CA, a call fails if",
  everywhere("a certificate of an unknown CA", "valid", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
);

/** How each call ended, in a process of its own: Node.js reads `NODE_EXTRA_CA_CERTS` only when it starts. */
async function callInChild(calls: readonly PlannedCall[]): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", join(__dirname, "support", "call-in-child.ts"), JSON.stringify(calls)],
    { env: cleanEnv({ NODE_EXTRA_CA_CERTS: join(__dirname, "certificates", "ca.pem"), NODE_NO_WARNINGS: "1" }) },
  );
  assert.equal(stderr, "");
  return JSON.parse(stdout) as string[];
}

describe("with a private CA in NODE_EXTRA_CA_CERTS, a call", () => {
  const works = { issue: "issued", revoke: "revoked" };
  const rows: readonly TlsRow[] = [
    { description: "Atlas has its certificate", scene: https({ certificate: "valid" }), ...works },
    { description: "Atlas behind a proxy has its certificate", scene: behindProxy({ respond: tunnel }), ...works },
    {
      description: "Atlas and the proxy have its certificates",
      scene: behindProxy({ respond: tunnel, certificate: "valid" }),
      ...works,
    },
    ...everywhere("a self-signed certificate", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    ...everywhere("a certificate for another name", "other-name", "ERR_TLS_CERT_ALTNAME_INVALID"),
    ...everywhere("an expired certificate", "expired", "CERT_HAS_EXPIRED"),
  ];
  let targets: readonly Target[] = [];
  let endings: readonly string[] = [];
  before(async () => {
    const stage = new Stage();
    try {
      targets = await Promise.all(rows.flatMap(({ scene }) => endpoints.map(() => scene(stage))));
      const calls = targets.map(({ baseUrl, env = {} }, index) => ({ endpoint: endpoints[index % 2]!, baseUrl, env }));
      endings = await callInChild(calls);
    } finally {
      await stage.close();
    }
  });

  for (const [row, { description, requests, ...expected }] of rows.entries()) {
    it(`${expected.issue === "issued" ? "succeeds" : "fails"} if ${description}`, () => {
      for (const [index, endpoint] of endpoints.entries()) {
        const ending = endings[2 * row + index]!;
        assertEnding(endpoint, ending, expected[endpoint]);
        assertSeen(targets[2 * row + index]!, ending, requests);
      }
    });
  }
});
