"use strict";

// Loaded into a provider host that runs with `--expose-gc`: on this signal it tells how much memory is really in use.
process.on("SIGUSR2", () => {
  globalThis.gc();
  process.stdout.write(`in use: ${process.memoryUsage().heapUsed} bytes\n`);
});
