import { ServiceAccountToken } from "pulumi-atlas-token";

/** The stack's program; what it returns are the stack's outputs. */
export function program(): Promise<Record<string, unknown>> {
  const token = new ServiceAccountToken("job");
  return Promise.resolve({ accessToken: token.accessToken });
}
