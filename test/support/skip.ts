/** Skips a test that needs what this machine lacks, and says what that is. */
export function skip(context: Mocha.Context, reason: string): never {
  console.log(`      Skipped: ${reason}`);
  return context.skip();
}
