"use strict";

// Loaded into a provider process: at this signal it collects its garbage and reports the heap that is in use.
process.on("SIGUSR2", () => {
  require("node:v8").setFlagsFromString("--expose-gc");
  require("node:vm").runInNewContext("gc")();
  process.stderr.write(`heap ${process.memoryUsage().heapUsed}\n`);
});
