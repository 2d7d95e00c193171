import { TARBALL, type ProjectOptions } from "./project";
import { manifest } from "./repository";

const { devDependencies } = manifest;

const types = `
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { type AtlasOAuthFailure, isAtlasOAuthError, type IssuedToken, issueToken } from "pulumi-atlas-token/oauth";

export function declare(args: ServiceAccountTokenArgs): pulumi.Output<string> {
  const token = new ServiceAccountToken("ci", args);
  // @ts-expect-error: one may be adopted that does not tell
  const expiresAt: pulumi.Output<string> = token.expiresAt;
  return pulumi.interpolate\`\${token.tokenType} \${token.accessToken} \${expiresAt}\`;
}

// @ts-expect-error: a typing mistake
declare({ renewBefor: "10m" });

export async function issue(): Promise<IssuedToken | AtlasOAuthFailure["code"] | boolean> {
  try {
    return await issueToken({ baseUrl: "https://cloud.mongodb.com", clientId: "an id", clientSecret: "a secret" });
  } catch (error) {
    if (!isAtlasOAuthError(error)) throw error;
    return error.code === "aborted" ? error.sent : error.code;
  }
}
`;

const program = `
import { ServiceAccountToken } from "pulumi-atlas-token";

export const { accessToken } = new ServiceAccountToken("ci", { renewBefore: "10m" });
`;

const test = `
import * as assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";

void pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => ({ id: name, state: { ...inputs, accessToken: "the token of the mocks" } }),
  call: ({ inputs }) => inputs,
});

test("hands the token on", async () => {
  const { accessToken } = await import("./index.js");
  assert.equal(await new Promise((resolve) => accessToken.apply(resolve)), "the token of the mocks");
});
`;

const automation = `
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { ServiceAccountToken } from "pulumi-atlas-token";

export async function program() {
  const { accessToken } = new ServiceAccountToken("ci", { renewBefore: "10m" });
  return { accessToken };
}

async function main(): Promise<void> {
  const stack = await LocalWorkspace.createStack({ projectName: "inline", stackName: "test", program });
  const { outputs } = await stack.up();
  if (!outputs["accessToken"]?.secret) throw new Error("the token is no secret");
  await stack.destroy();
}

if (require.main === module) void main();
`;

/** A project that uses all that the package exports, in every way but as the program of a stack. */
export const typescriptProject: ProjectOptions = {
  files: {
    "package.json": {
      private: true,
      dependencies: {
        [manifest.name]: `file:${TARBALL}`,
        "@pulumi/pulumi": devDependencies["@pulumi/pulumi"],
      },
      devDependencies: { "@types/node": devDependencies["@types/node"] },
    },
    "tsconfig.json": {
      compilerOptions: {
        module: "node16",
        moduleResolution: "node16",
        target: "es2022",
        strict: true,
        skipLibCheck: true,
        outDir: "bin",
      },
    },
    "types.ts": types,
    "index.ts": program,
    "token.test.ts": test,
    "automation.ts": automation,
  },
};
