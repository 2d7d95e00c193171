/* eslint-disable @typescript-eslint/no-require-imports -- an operation is loaded when it is first needed */

/*
 * The operations as both forms of the provider run them. Each is loaded at its first call, since a preview, which only
 * checks and compares, must not pay for the HTTP client.
 */

export const check: (typeof import("./check"))["check"] = (...args) =>
  (require("./check") as typeof import("./check")).check(...args);

export const checkConfig: (typeof import("./check-config"))["checkConfig"] = (...args) =>
  (require("./check-config") as typeof import("./check-config")).checkConfig(...args);

export const diff: (typeof import("./diff"))["diff"] = (...args) =>
  (require("./diff") as typeof import("./diff")).diff(...args);

export const create: (typeof import("./create"))["create"] = (...args) =>
  (require("./create") as typeof import("./create")).create(...args);

export const read: (typeof import("./read"))["read"] = (...args) =>
  (require("./read") as typeof import("./read")).read(...args);

export const update: (typeof import("./update"))["update"] = (...args) =>
  (require("./update") as typeof import("./update")).update(...args);

export const remove: (typeof import("./delete"))["remove"] = (...args) =>
  (require("./delete") as typeof import("./delete")).remove(...args);

export const importToken: (typeof import("./import"))["importToken"] = (...args) =>
  (require("./import") as typeof import("./import")).importToken(...args);
