// Runs the text of a provider as Pulumi's own host does, in a process that knows nothing else of it. The first message
// is the text; each other one is a call, which is begun as soon as it arrives, like those of the engine.
const { createRequire } = require("node:module");

const requireFromString = createRequire(require.resolve("@pulumi/pulumi"))("require-from-string");

process.once("message", (text) => {
  const provider = requireFromString(text).handler();
  process.on("message", async ({ call, method, args }) => {
    try {
      process.send({ call, value: await provider[method](...args.map(revived)) });
    } catch (error) {
      const { message, stack, id, properties, reasons } = error;
      process.send({ call, error: { message, stack, text: String(error), id, properties, reasons } });
    }
  });
});
process.once("disconnect", () => process.exit());

/** Functions do not travel between processes: the configuration comes as plain values. */
function revived(argument) {
  const values = argument?.config;
  return values === undefined ? argument : { config: { get: (key) => values[key] } };
}
