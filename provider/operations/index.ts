/* The operations as both forms of the provider run them. */

export { check } from "./check";
export { checkConfig } from "./check-config";
export { create } from "./create";
export { remove } from "./delete";
export { diff } from "./diff";
export { importToken } from "./import";
export { read } from "./read";
export { update } from "./update";
