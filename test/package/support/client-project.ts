import { TARBALL, type ProjectOptions } from "./project";
import { manifest } from "./repository";

const script = `
const { MONGODB_ATLAS_BASE_URL, MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET } = process.env;
const account = {
  baseUrl: MONGODB_ATLAS_BASE_URL ?? "",
  clientId: MONGODB_ATLAS_CLIENT_ID ?? "",
  clientSecret: MONGODB_ATLAS_CLIENT_SECRET ?? "",
};

async function main() {
  const { accessToken, expiresAt } = await issueToken(account);
  await revokeToken({ ...account, token: accessToken, expiresAt });
}

void main();
`;
const imports = `import { issueToken, revokeToken } from "${manifest.name}/oauth";`;

/** A project that has nothing of Pulumi. */
export const clientProject: ProjectOptions = {
  files: {
    "package.json": {
      private: true,
      dependencies: { [manifest.name]: `file:${TARBALL}` },
      devDependencies: { "@types/node": manifest.devDependencies["@types/node"] },
    },
    "tsconfig.json": { compilerOptions: { module: "node16", target: "es2022", strict: true, outDir: "bin" } },
    "client.ts": imports + script,
    "client.mjs": imports + script,
  },
};
