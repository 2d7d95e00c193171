import { oldNodeProblem } from "../oauth/failure/node-version";
import { UserFacingError } from "../operations/user-facing-error";

/** @throws an error of one line, as Pulumi's host prints it, if this Node.js is too old */
export function requireNode(): void {
  const problem = oldNodeProblem();
  const name = "pulumi-atlas-token";
  if (problem !== undefined) throw new UserFacingError(name, problem, `${name} ${problem}`);
}
