/**
 * The dynamic provider as Pulumi stores it in the state of every resource, from where its host runs it:
 * `requireFromString(text).handler()` in Pulumi's `sdk/nodejs/cmd/dynamic-provider`.
 *
 * `pulumi.dynamic.Resource` would serialize a provider object: 2,153 bytes even for one that only forwards, different bytes
 * from another compiler, and a TypeScript parser loaded in every run. Hence the text is written by hand. It captures nothing
 * and loads the code when it runs, so that a destroy runs today's code and an upgrade of this package changes no state.
 *
 * A change of this text changes no token: diff ignores it, and a resource gets the new text with its next update or
 * replacement. Until then its state has the old one, which must go on working.
 */
export const SERIALIZED_PROVIDER = `const load = () => {
  try {
    return require("module").createRequire(process.cwd() + "/")("pulumi-atlas-token/host");
  } catch (error) {
    const reason = String(error && error.message).split("\\n")[0];
    const message = "pulumi-atlas-token cannot be loaded: run \`npm install pulumi-atlas-token\` in " +
      process.cwd() + ", then the same command again (" + reason + ")";
    throw Object.assign(new Error(message), { stack: "", toString: () => "pulumi-atlas-token" });
  }
};
const provider = {
  configure: async (request) => {
    try {
      load().configure(request);
    } catch {}
  },
};
for (const method of ["check", "diff", "create", "read", "update", "delete"]) {
  provider[method] = async (...args) => load()[method](...args);
}
exports.handler = () => provider;
`;
