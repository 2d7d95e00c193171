import * as Pulumi from "@pulumi/pulumi";
import { ServiceAccountToken as Token } from "pulumi-atlas-token";

export const pulumi: typeof Pulumi;
export const ServiceAccountToken: typeof Token;
export class Consumer extends Pulumi.dynamic.Resource {
  constructor(name: string, token: Pulumi.Input<string>, options?: Pulumi.CustomResourceOptions);
}
export class Provider extends Pulumi.ProviderResource {
  constructor(name: string, args: { readonly clientId: string; readonly clientSecret: string });
}
