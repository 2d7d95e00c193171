import { issueToken } from "pulumi-atlas-token/oauth";

// The pipeline's step: nothing but the token on standard output, for the command behind the pipe.
async function main(): Promise<void> {
  const { MONGODB_ATLAS_BASE_URL, MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET } = process.env;
  const { accessToken } = await issueToken({
    baseUrl: MONGODB_ATLAS_BASE_URL ?? "https://cloud.mongodb.com",
    clientId: MONGODB_ATLAS_CLIENT_ID ?? "",
    clientSecret: MONGODB_ATLAS_CLIENT_SECRET ?? "",
  });
  process.stdout.write(accessToken);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
