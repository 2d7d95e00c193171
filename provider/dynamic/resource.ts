import * as pulumi from "@pulumi/pulumi";
import { createRequire } from "node:module";

import { SERIALIZED_PROVIDER } from "./serialized-provider";

/** What identifies the service account, and how its token is kept. */
export interface ServiceAccountTokenArgs {
  /**
   * The client id of the service account (`mdb_sa_id_…`). A change replaces the token.
   *
   * Default: config `mongodbatlas:clientId`, then the environment variable `MONGODB_ATLAS_CLIENT_ID`.
   */
  clientId?: pulumi.Input<string>;
  /**
   * The client secret of the service account (`mdb_sa_sk_…`); always a secret. Stored in the state only if it is given
   * here. A change updates the resource in place, without a request.
   *
   * Default: config `mongodbatlas:clientSecret`, then the environment variable `MONGODB_ATLAS_CLIENT_SECRET`.
   */
  clientSecret?: pulumi.Input<string>;
  /**
   * The origin of Atlas: https, or http on this machine. A change replaces the token.
   *
   * Default: config `mongodbatlas:baseUrl`, then `https://cloud.mongodbgov.com` if config `mongodbatlas:isMongodbgovCloud`
   * is true, then the environment variable `MONGODB_ATLAS_BASE_URL`, then `https://cloud.mongodb.com`.
   */
  baseUrl?: pulumi.Input<string>;
  /**
   * How long before its expiry the next `pulumi up` replaces the token: a duration in Go's format (`90s`, `10m`,
   * `59m30s`) under an hour, or `never` to keep an expired token.
   *
   * Default: `10m`.
   */
  renewBefore?: pulumi.Input<string>;
  /** Values of any kind that the token depends on: any change replaces it. Default: none. */
  keepers?: pulumi.Input<Record<string, unknown>>;
  /**
   * A token that was issued elsewhere, to adopt instead of issuing one; always a secret. It is revoked on destroy and
   * never renewed. A change replaces it. An expired one is an error. Default: none.
   */
  existingToken?: pulumi.Input<string>;
}

/**
 * An access token of a MongoDB Atlas service account: issued on create, revoked on delete.
 *
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts-overview/
 */
export class ServiceAccountToken extends pulumi.CustomResource {
  // `declare`: as class fields these would erase what the base class has set.
  /** The token, for `Authorization: Bearer`; always a secret. */
  declare readonly accessToken: pulumi.Output<string>;
  /** How the token is used: `Bearer` (RFC 6750). */
  declare readonly tokenType: pulumi.Output<string>;
  /** When the token was issued, RFC 3339 in UTC, by the server's clock; undefined for an adopted one that holds no such time. */
  declare readonly issuedAt: pulumi.Output<string | undefined>;
  /** When the token expires, RFC 3339 in UTC, by the server's clock; undefined for an adopted one that holds no such time. */
  declare readonly expiresAt: pulumi.Output<string | undefined>;

  /**
   * Declares a token.
   *
   * @param name the logical name, which its id begins with
   * @param args the service account and how its token is kept
   * @param options Pulumi's options; `import` is refused
   * @throws pulumi.RunError if `import` is given, or if this package is not installed in the program's folder
   */
  constructor(name: string, args: ServiceAccountTokenArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    if (options.import !== undefined) {
      throw new pulumi.RunError(
        `ServiceAccountToken "${name}" cannot be imported: Pulumi has no import for dynamic providers. ` +
          "To take over a token that was issued elsewhere, pass it as existingToken",
      );
    }
    // Without an engine this is a unit test with mocks, which may run from another folder.
    if (pulumi.runtime.hasEngine()) requireHost(name);
    const { clientSecret, existingToken } = args;
    super(
      "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
      name,
      {
        // Outputs are declared without a value; one given by mistake must reach check, which refuses it.
        accessToken: undefined,
        tokenType: undefined,
        issuedAt: undefined,
        expiresAt: undefined,
        ...args,
        __provider: SERIALIZED_PROVIDER,
        name,
        // Left out where they are not given: Pulumi takes four stack traces for every property, whatever its value.
        ...(clientSecret === undefined ? {} : { clientSecret: pulumi.secret(clientSecret) }),
        ...(existingToken === undefined ? {} : { existingToken: pulumi.secret(existingToken) }),
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["accessToken", "clientSecret", "existingToken"] }),
    );
    // The engine marks it by `additionalSecretOutputs`; the mocks of a user's tests do not.
    this.accessToken = pulumi.secret(this.accessToken);
  }
}

let hostFound = false;

/** Fails early: the text in the state would not find this package either, and then at destroy. */
function requireHost(name: string): void {
  if (hostFound) return;
  const folder = process.cwd();
  try {
    createRequire(`${folder}/`).resolve("pulumi-atlas-token/host");
    hostFound = true;
  } catch {
    throw new pulumi.RunError(
      `ServiceAccountToken "${name}": pulumi-atlas-token is not installed where Pulumi looks for it: ` +
        `run \`npm install pulumi-atlas-token\` in ${folder}`,
    );
  }
}
