import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { cleanEnv } from "../support/clean-env";
import { tunnel } from "../support/behaviors";
import { testCases, type Ending, type Environment } from "./support/fixture";

type Certificate = "valid" | "other-name" | "self-signed";

/** Tests that Atlas or its proxy has a certificate. */
function testCertificate(ending: Ending, description: string, certificate: Certificate, env: Environment) {
  testCases(ending, {
    [`Atlas has ${description}`]: { https: { certificate }, env },
    [`Atlas behind a proxy has ${description}`]: { proxy: { respond: tunnel }, https: { certificate }, env },
    [`the proxy has ${description}`]: { proxy: { respond: tunnel, certificate }, env },
  });
}

/** A bad certificate, which `NODE_TLS_REJECT_UNAUTHORIZED=0` does not make good. */
function testRejected(
  description: string,
  certificate: Certificate,
  cause: string,
  advice = "to trust a private CA, set NODE_EXTRA_CA_CERTS",
): void {
  const code = `unreachable, after 1 attempt (${cause}): the certificate could not be verified (${cause})`;
  const ending = `${code}; ${advice}`;
  testCertificate(ending, description, certificate, {});
  testCertificate(ending, `${description}, even unchecked`, certificate, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
}

const ca = join(__dirname, "certificates", "ca.pem");

// Node.js reads `NODE_EXTRA_CA_CERTS` only when it starts: this file runs a second time in a process that has it.
if (process.env["NODE_EXTRA_CA_CERTS"] === ca) {
  describe("a call succeeds if", () => {
    testCertificate({ issue: "issued", revoke: "revoked" }, "a certificate of that CA", "valid", {});
  });
  describe("a call fails if", () => {
    testRejected(
      "a certificate for another name",
      "other-name",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "it is for another host name",
    );
  });
} else {
  describe("without a private CA, a call fails if", () => {
    testRejected("a certificate of an unknown CA", "valid", "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    testRejected("a self-signed certificate", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("with a private CA in NODE_EXTRA_CA_CERTS, a call trusts its certificates, but none for another name", async () => {
    const env = cleanEnv({ NODE_EXTRA_CA_CERTS: ca, NODE_NO_WARNINGS: "1" });
    const command = [require.resolve("mocha/bin/mocha.js"), __filename];
    const child = promisify(execFile)(process.execPath, command, { env, timeout: 50_000 });
    const { stdout } = await child.catch((error: unknown) => error as Awaited<typeof child>);
    assert.match(stdout, /^9 passed, 0 failed, 0 skipped$/m, stdout);
  });
}
