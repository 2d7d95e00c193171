export { ServiceAccountToken, type ServiceAccountTokenArgs } from "./resource";
