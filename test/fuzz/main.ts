// Runs every target for a while with new inputs: main.ts [seconds in all] [target …] Inputs that fail are shrunk, kept in
// corpus/, and run first from then on.
import { CounterExample, keep } from "./target.ts";
import { targets } from "./targets/index.ts";

const [seconds = "60", ...names] = process.argv.slice(2);
const budget = Number(seconds);
const chosen = targets.filter(({ name }) => names.length === 0 || names.includes(name));
if (!(budget > 0) || chosen.length === 0) {
  console.error(`fuzz [seconds] [target …], with targets of ${targets.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

let failed = 0;
const each = (budget * 1000) / chosen.length;
for (const target of chosen) {
  // An input that is interrupted goes on in the background for a moment, and has a clock of its own in place of `performance`.
  const start = Date.now();
  let runs = 0;
  try {
    while (Date.now() - start < each) {
      const left = Math.max(1, each - (Date.now() - start));
      runs += await target.run({ numRuns: 1_000_000, interruptAfterTimeLimit: left, markInterruptAsFailure: false });
    }
    console.log(`✓ ${target.name}: ${runs} inputs`);
  } catch (error) {
    failed++;
    console.log(`✗ ${target.name}: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof CounterExample) keep(target.name, error.input);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
