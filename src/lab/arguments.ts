import { parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

/** What was given for options: texts by name, and the flags that were set. */
export type Given<T extends string, F extends string> = { readonly [K in T]?: string } & {
  readonly [K in F]?: boolean;
};

/** The values of options that take a text, and of flags. @throws UsageError for an unknown one, or a missing value */
export function readArguments<T extends string, F extends string>(
  args: readonly string[],
  texts: readonly T[],
  flags: readonly F[],
): Given<T, F> {
  const options = Object.fromEntries([
    ...texts.map((name) => [name, { type: 'string' as const }]),
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
  ]);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values as Given<T, F>;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(sentence);
  }
}

/** A whole number, `fallback` where none was given. @throws UsageError unless it is at least `least` */
export function count(option: string, given: string | undefined, fallback: number, least = 1): number {
  if (given === undefined) return fallback;
  const n = Number(given);
  if (!/^\d+$/.test(given.trim()) || !Number.isSafeInteger(n) || n < least)
    throw new UsageError(`${option} is a whole number >= ${least}, got '${given}'`);
  return n;
}

/** A number above 0. @throws UsageError for anything else */
export function positive(option: string, given: string): number {
  const x = Number(given);
  if (given.trim() === '' || !(x > 0 && Number.isFinite(x)))
    throw new UsageError(`${option} is a number > 0, got '${given}'`);
  return x;
}

/** A number >= 0, `fallback` where none was given. @throws UsageError for anything else */
export function atLeast0(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const x = Number(given);
  if (given.trim() === '' || !(x >= 0 && Number.isFinite(x)))
    throw new UsageError(`${option} is a number >= 0, got '${given}'`);
  return x;
}

/** One of several names, `fallback` where none was given. @throws UsageError for another */
export function oneOf<N extends string>(
  option: string,
  given: string | undefined,
  names: readonly N[],
  fallback: N,
): N {
  const found = given === undefined ? fallback : names.find((name) => name === given);
  if (found === undefined) throw new UsageError(`${option} is one of ${names.join(', ')}, got '${given}'`);
  return found;
}

/** Some of several names, in their order, each once. @throws UsageError for another */
export function namesOf<N extends string>(option: string, given: string, names: readonly N[]): N[] {
  const asked = given.split(',').map((name) => oneOf(option, name.trim(), names, names[0]));
  return names.filter((name) => asked.includes(name));
}

/** A number in [0, 1), `fallback` where none was given. @throws UsageError for anything else */
export function share(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const x = Number(given);
  if (given.trim() === '' || !(x >= 0 && x < 1))
    throw new UsageError(`${option} is a number in [0, 1), got '${given}'`);
  return x;
}

/** Seeds given one by one (`1,5`), or the first and how many. @throws UsageError for anything else, or a seed that is named twice */
export function seedsOf(
  { seed: first, seeds }: { readonly seed?: string; readonly seeds?: string },
  standard: { readonly seed: number; readonly seeds: number },
): number[] {
  if (seeds?.includes(',')) {
    if (first !== undefined) throw new UsageError('--seed goes with a number of --seeds, not with a list of them');
    const listed = seeds.split(',').map((seed) => count('--seeds', seed, 0, 0));
    if (new Set(listed).size !== listed.length) throw new UsageError(`--seeds names a seed twice: '${seeds}'`);
    return listed;
  }
  const start = count('--seed', first, standard.seed, 0);
  return Array.from({ length: count('--seeds', seeds, standard.seeds) }, (_, i) => start + i);
}
