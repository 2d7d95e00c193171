import Mocha from "mocha";

/** Mocha's own report, and after it one line that counts everything, for the machine that reads the end of the output. */
class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      // Last of all: the report itself is printed by other listeners of the same event.
      process.once("exit", () => process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`));
    });
  }
}

export = Reporter;
