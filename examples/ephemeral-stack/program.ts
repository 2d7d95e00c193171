import { ServiceAccountToken } from "pulumi-atlas-token";

/** The stack's program; it returns the outputs of the stack. */
export function program(): Promise<Record<string, unknown>> {
  const token = new ServiceAccountToken("job");
  return Promise.resolve({ accessToken: token.accessToken });
}
