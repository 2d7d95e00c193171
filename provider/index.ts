export { ServiceAccountToken, type ServiceAccountTokenArgs } from "./dynamic/resource";
