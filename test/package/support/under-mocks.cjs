"use strict";

// Runs a program under Pulumi's mocks and prints what it registered and what it exports.
const { resolve } = require("node:path");
const { pathToFileURL } = require("node:url");
const pulumi = require("@pulumi/pulumi");

const registered = [];
void pulumi.runtime.setMocks({
  newResource({ type, name, inputs }) {
    registered.push({ type, name, inputs });
    return { id: `${name}-of-the-mocks`, state: { ...inputs, accessToken: "the token of the mocks" } };
  },
  call: ({ inputs }) => inputs,
});

function load(path) {
  try {
    return require(path);
  } catch (error) {
    if (error.code !== "ERR_REQUIRE_ESM" && error.code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
    return import(pathToFileURL(path));
  }
}

async function main() {
  const { program, ...exported } = await load(resolve(process.argv[2]));
  const outputs = {};
  for (const [name, output] of Object.entries(program === undefined ? exported : await program())) {
    outputs[name] = await output.promise();
  }
  process.stdout.write(JSON.stringify({ registered, outputs }));
}

void main();
