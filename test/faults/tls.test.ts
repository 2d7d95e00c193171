import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { cleanEnv } from "../support/clean-env";
import { endpoints } from "../support/oauth/contract";
import { tunnel } from "./support/acts";
import type { PlannedCall } from "./support/call";
import { behindProxy, https, withEnv, type Scene, type Target } from "./support/scene";
import type { Certificate } from "./support/server";
import { Stage } from "./support/stage";
import { assertEnding, testRows, type Row } from "./support/table";

/** Atlas or its proxy has this certificate. */
function everywhere(certificate: Certificate): Readonly<Record<string, Scene>> {
  return {
    "Atlas has": https({ certificate }),
    "Atlas behind a proxy has": behindProxy({ respond: tunnel }, { certificate }),
    "the proxy has": behindProxy({ respond: tunnel, certificate }),
  };
}

/** A bad certificate, which `NODE_TLS_REJECT_UNAUTHORIZED=0` does not make good. */
function rejected(description: string, certificate: Certificate, cause: string): readonly Row[] {
  const code = `unreachable, after 1 attempt (${cause}): the certificate could not be verified (${cause})`;
  const ending = `${code}; to trust a private CA, set NODE_EXTRA_CA_CERTS`;
  return Object.entries(everywhere(certificate)).flatMap(([place, scene]) =>
    ["1", "0"].map((NODE_TLS_REJECT_UNAUTHORIZED) => ({
      description: `${place} ${description}${NODE_TLS_REJECT_UNAUTHORIZED === "0" ? ", even unchecked" : ""}`,
      scene: withEnv({ NODE_TLS_REJECT_UNAUTHORIZED }, scene),
      issue: ending,
      revoke: ending,
    })),
  );
}

testRows("without a private CA, a call fails if", [
  ...rejected("a certificate of an unknown CA", "valid", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
  ...rejected("a self-signed certificate", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"),
]);

/** How each call ended, in a process of its own: Node.js reads `NODE_EXTRA_CA_CERTS` only when it starts. */
async function callInChild(calls: readonly PlannedCall[]): Promise<readonly string[]> {
  const program = join(__dirname, "support", "call.ts");
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", program, JSON.stringify(calls)],
    { env: cleanEnv({ NODE_EXTRA_CA_CERTS: join(__dirname, "certificates", "ca.pem"), NODE_NO_WARNINGS: "1" }) },
  );
  assert.equal(stderr, "");
  return JSON.parse(stdout) as string[];
}

describe("with a private CA in NODE_EXTRA_CA_CERTS, a call", () => {
  const rows: readonly (Row & { readonly scene: Scene })[] = [
    ...Object.entries(everywhere("valid")).map(([place, scene]) => ({
      description: `succeeds if ${place} a certificate of that CA`,
      scene,
      issue: "issued",
      revoke: "revoked",
    })),
    ...rejected("a certificate for another name", "other-name", "ERR_TLS_CERT_ALTNAME_INVALID").map((row) => ({
      ...row,
      description: `fails if ${row.description}`,
      scene: row.scene!,
    })),
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

  for (const [index, { description, ...expected }] of rows.entries()) {
    it(description, () => {
      for (const [offset, endpoint] of endpoints.entries()) {
        const call = 2 * index + offset;
        assertEnding(endpoint, expected[endpoint], endings[call]!, targets[call]!);
      }
    });
  }
});
