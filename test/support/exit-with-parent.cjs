"use strict";

// Standard input is a pipe from the process that started this one: it ends when that one is gone, however it went.
process.stdin.on("end", () => process.kill(process.pid, "SIGKILL")).resume();
