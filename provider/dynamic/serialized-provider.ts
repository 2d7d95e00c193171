/**
 * The dynamic provider as Pulumi keeps it in the state of every resource, and runs it from there.
 *
 * `pulumi.dynamic.Resource` makes such a text of a provider object, with a frame around each function: four times this
 * length, other bytes from another compiler, and a TypeScript parser to be loaded in every run. Hence it is written down
 * here. It captures nothing: it looks up the real code when it runs, so that a destroy runs today's code and an upgrade of
 * this package changes no state. To change one character is to change the state of every user.
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
