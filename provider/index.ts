import { requireNode } from "./oauth/failure/node-version";

requireNode();

export { ServiceAccountToken, type ServiceAccountTokenArgs } from "./dynamic/resource";
