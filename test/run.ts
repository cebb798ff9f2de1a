/**
 * Runs every `*.test.ts` of this folder in one process, in the order of their paths.
 *
 *     node --import tsx test/run.ts [word…]     keep the files whose path contains one of the words
 *     FC_RUNS=1000 FC_SEED=7 npm test           cases for each property, and the seed they are drawn from
 *
 * A file that cannot be imported is a failed test, and a run without tests is a failed run.
 */
import { readdirSync } from 'node:fs';
import { beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configureGlobal } from 'fast-check';

/** What fast-check does by itself; `FC_RUNS` raises it for a longer search. */
const defaultRuns = 100;
/** Fixed, so that a run fails today exactly when it fails tomorrow. */
const defaultSeed = 20240527;

function integer(name: string, fallback: number, least: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`${name} must be an integer, at least ${least}; got '${text}'`);
}

const numRuns = integer('FC_RUNS', defaultRuns, 1);
const seed = integer('FC_SEED', defaultSeed, -(2 ** 31));
configureGlobal({ numRuns, seed });

const words = process.argv.slice(2);
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.test.ts') && (words.length === 0 || words.some((word) => path.includes(word))))
  .sort();
console.log(`${files.length} test files; FC_RUNS=${numRuns} FC_SEED=${seed}`);

let started = 0;
beforeEach(() => {
  started++;
});
process.on('exit', () => {
  if (started > 0) return;
  console.error(words.length > 0 ? `no test runs for: ${words.join(' ')}` : 'no test runs');
  process.exitCode = 1;
});

for (const file of files) {
  try {
    await import(new URL(file, import.meta.url).href);
  } catch (error) {
    test(`${file} can be imported`, () => {
      throw error;
    });
  }
}
