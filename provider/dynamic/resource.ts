import * as pulumi from "@pulumi/pulumi";
import { createRequire } from "node:module";

import { SECRET_ARGUMENTS, SECRET_PROPERTIES } from "../operations/arguments";
import { SERIALIZED_PROVIDER } from "./serialized-provider";

/*
 * The dynamic form of the resource. It registers itself like `pulumi.dynamic.Resource`, but with a serialized provider that
 * never changes: see serialized-provider.ts.
 */

/**
 * The service account of a {@link ServiceAccountToken}, and when the token is replaced.
 *
 * @example
 * // Everything is configured: mongodbatlas:clientId and mongodbatlas:clientSecret, or MONGODB_ATLAS_CLIENT_ID and
 * // MONGODB_ATLAS_CLIENT_SECRET.
 * const args: ServiceAccountTokenArgs = {};
 * @example
 * // Another service account, a token that is renewed half an hour before it expires, and one for each release.
 * const args: ServiceAccountTokenArgs = {
 *   clientId: config.require("deployClientId"),
 *   clientSecret: config.requireSecret("deployClientSecret"),
 *   renewBefore: "30m",
 *   keepers: { release: config.require("release") },
 * };
 */
export interface ServiceAccountTokenArgs {
  /**
   * The client ID of the service account (`mdb_sa_id_…`). A change replaces the token.
   *
   * @default `mongodbatlas:clientId` of the stack's configuration, then the environment variable `MONGODB_ATLAS_CLIENT_ID`
   */
  clientId?: pulumi.Input<string | undefined>;
  /**
   * The client secret of the service account (`mdb_sa_sk_…`); always a secret. The state contains it only if it is passed
   * here. A change updates the state without a request.
   *
   * @default `mongodbatlas:clientSecret` of the stack's configuration, then the environment variable `MONGODB_ATLAS_CLIENT_SECRET`
   */
  clientSecret?: pulumi.Input<string | undefined>;
  /**
   * The origin of Atlas, with https (http is allowed only on localhost). A change replaces the token.
   *
   * @default `mongodbatlas:baseUrl` of the stack's configuration, then `https://cloud.mongodbgov.com` if its
   * `mongodbatlas:isMongodbgovCloud` is true, then the environment variable `MONGODB_ATLAS_BASE_URL`, then
   * `https://cloud.mongodb.com`
   */
  baseUrl?: pulumi.Input<string | undefined>;
  /**
   * How long before its expiry a token becomes due, so that the next `pulumi up` replaces it: a duration under one hour in
   * Go's format (`90s`, `10m`, `59m30s`), or `never` to keep an expired token.
   *
   * @default `10m`
   */
  renewBefore?: pulumi.Input<string | undefined>;
  /**
   * Values of any kind; a change of any of them replaces the token.
   *
   * @default none
   */
  // An interface is not assignable to a record of unknown values.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  keepers?: pulumi.Input<Record<string, any> | undefined>;
  /**
   * Whether each refresh asks Atlas whether it still accepts the token, so that one that was revoked outside Pulumi is replaced:
   * one `GET /api/atlas/v2` with the token itself. The packaged provider is refreshed at the start of every `pulumi up`, `preview`
   * and `destroy`; the dynamic resource only by `pulumi refresh` and `--refresh`. A change updates the state without a request.
   *
   * @default false
   */
  verify?: pulumi.Input<boolean>;
  /**
   * A token that was issued elsewhere, which is adopted instead of issuing one; always a secret. It is revoked on destroy and
   * never renewed. A change replaces it; a change of `clientId` or `baseUrl` does not move it. An expired token is refused.
   *
   * @default none: a token is issued
   */
  existingToken?: pulumi.Input<string | undefined>;
}

/**
 * An access token of a MongoDB Atlas service account: issued when the resource is created, revoked when it is deleted.
 *
 * @example
 * const token = new ServiceAccountToken("ci", { renewBefore: "30m" });
 * // For other programs: `pulumi stack output accessToken --show-secrets`, or a StackReference.
 * export const accessToken = token.accessToken;
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts-overview/
 */
export class ServiceAccountToken extends pulumi.CustomResource {
  // With `declare`, since class fields would erase what the base class has set.
  /** The access token, for `Authorization: Bearer`; always a secret. */
  declare readonly accessToken: pulumi.Output<string>;
  /** How the token is used: `Bearer` (RFC 6750). */
  declare readonly tokenType: pulumi.Output<string>;
  /** When Atlas issued the token, as RFC 3339 in UTC; undefined for an adopted token that does not contain it. */
  declare readonly issuedAt: pulumi.Output<string | undefined>;
  /** When the token expires, as RFC 3339 in UTC; undefined for an adopted token that does not contain it. */
  declare readonly expiresAt: pulumi.Output<string | undefined>;

  /**
   * Declares a token.
   *
   * @param name the logical name, with which the ID begins
   * @param args the service account, and when the token is replaced
   * @param options Pulumi's options, except for `import`
   * @throws pulumi.RunError if `import` is set, or if this package is not installed in the program's folder
   * @example
   * new ServiceAccountToken("ci", { renewBefore: "30m" }, { deleteBeforeReplace: true });
   */
  constructor(name: string, args: ServiceAccountTokenArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    if (options.import !== undefined) {
      throw new pulumi.RunError(
        `ServiceAccountToken "${name}" cannot be imported: Pulumi does not support import for dynamic providers. ` +
          "To adopt a token that was issued elsewhere, pass it as existingToken.",
      );
    }
    requireHost(name);
    const secrets: pulumi.Inputs = {};
    for (const key of SECRET_ARGUMENTS) {
      // Left out unless it is passed, since Pulumi takes four stack traces for each property, whatever its value.
      if (args[key] !== undefined) secrets[key] = pulumi.secret(args[key]);
    }
    super(
      TYPE,
      name,
      {
        // Outputs are declared without a value. A value that was passed by mistake must reach check, which refuses it.
        accessToken: undefined,
        tokenType: undefined,
        issuedAt: undefined,
        expiresAt: undefined,
        ...args,
        [PROVIDER_KEY]: SERIALIZED_PROVIDER,
        name,
        ...secrets,
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: [...SECRET_PROPERTIES] }),
    );
    // The engine marks it because of `additionalSecretOutputs`, but the mocks of a user's tests do not.
    this.accessToken = pulumi.secret(this.accessToken);
  }
}

/** What `pulumi.dynamic.Resource` makes of the module `mongodbatlas` and the type `ServiceAccountToken` (Pulumi's `sdk/nodejs/dynamic`). */
const TYPE = "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken";
/** The property in which it stores the serialized provider, by which Pulumi's host finds it. */
const PROVIDER_KEY = "__provider";

let hostChecked = false;

/** Fails now rather than at a destroy, when the serialized provider would not find this package either. */
function requireHost(name: string): void {
  // Without an engine this is a unit test with mocks, which may run in another folder.
  if (hostChecked || pulumi.runtime.getEngine() === undefined) return;
  const folder = process.cwd();
  try {
    createRequire(`${folder}/`).resolve("pulumi-atlas-token/host");
  } catch {
    const problem = `ServiceAccountToken "${name}": the package pulumi-atlas-token is not installed in`;
    // Only for a program with a process of its own: an inline program cannot find out where its provider runs.
    if (pulumi.runtime.hasEngine()) {
      throw new pulumi.RunError(
        `${problem} the program's folder. Run \`npm install pulumi-atlas-token\` in ${folder}, then rerun the command`,
      );
    }
    void pulumi.log.warn(
      `${problem} ${folder}. If its provider cannot be loaded, pass \`projectSettings\` whose \`main\` is the folder in which ` +
        "the package is installed (default: the working directory), or that folder as `workDir` and no `main`.",
    );
  }
  hostChecked = true;
}
