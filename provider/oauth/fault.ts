import type { Endpoint } from "./endpoint";
import type { Failure, TransportCause } from "./error";

/** OpenSSL's verdicts on a certificate, as Node.js names them, and the one on its name. */
const CERTIFICATE = /CERT|ISSUER|SIGNATURE|CRL|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE|HOSTNAME_MISMATCH/;
/** What undici says where a proxy answers CONNECT with anything but 200; the error has no code that tells. */
const PROXY_REFUSAL = /^Proxy response \((\d+)\)/;

/**
 * Tells what a fault of the transport means.
 *
 * @param started whether the request had been put on its connection, so that Atlas may have processed it
 */
export function faultOf(endpoint: Endpoint, started: boolean, error: unknown): Failure {
  const cause = causeOf(error);
  if (started) return { code: "no_response", retryable: endpoint === "revoke", mayHaveIssued: true, cause };
  const refusal = PROXY_REFUSAL.exec(error instanceof Error ? error.message : "")?.[1];
  if (refusal !== undefined) {
    return { code: "unreachable", retryable: false, description: `the proxy answered CONNECT with ${refusal}`, cause };
  }
  if (cause.code === "ERR_INVALID_URL") {
    return { code: "unreachable", retryable: false, description: "HTTPS_PROXY is not a URL", cause };
  }
  if (CERTIFICATE.test(cause.code ?? "")) {
    const description = `the certificate could not be verified (${cause.code ?? ""}); a private CA comes through NODE_EXTRA_CA_CERTS`;
    return { code: "unreachable", retryable: false, description, cause };
  }
  return { code: "unreachable", retryable: true, cause };
}

/** Some errors wrap the one that tells: those of undici's proxy, for example. */
function causeOf(error: unknown): TransportCause {
  if (typeof error !== "object" || error === null) return { name: "Error" };
  const { name, code, syscall, cause } = error as Record<string, unknown>;
  const inner = typeof code === "string" || cause === undefined ? undefined : causeOf(cause);
  return (
    inner ?? {
      name: typeof name === "string" ? name : "Error",
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof syscall === "string" ? { syscall } : {}),
    }
  );
}
