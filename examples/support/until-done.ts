/**
 * Fails a script that ends before its work is done: Node.js exits with 0 once it has nothing to wait for, even if a promise
 * never settles.
 *
 * @param work what the script does; it must report its own failures
 */
export function untilDone(work: Promise<unknown>): void {
  const fail = (): void => {
    process.stderr.write("The script ended before its work was done. Rerun the same command.\n");
    process.exitCode = 1;
  };
  process.once("beforeExit", fail);
  void work.finally(() => process.removeListener("beforeExit", fail));
}
