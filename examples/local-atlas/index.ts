export { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "./server";
export { defaultClientId, defaultClientSecret } from "./usage";
export { UsageError } from "./usage-error";
export type { Endpoint } from "./contract";
export type { FailureOptions } from "./failures";
export type { LogEntry, LoggedToken } from "./log";
export type { Hook, Hooks } from "./handle-request";
export type { Settings } from "./settings";
export type { IssuedToken } from "./tokens";
