import { ReportedError } from '../usage.ts';

/** A file of a data set that says what cannot be: the file, the line (from 1) where there is one, and what is wrong, in one line. */
export class DamagedFile extends ReportedError {
  constructor(path: string, line: number | null, why: string) {
    super(`${path}${line === null ? '' : `:${line}`}: ${why}`);
    this.name = 'DamagedFile';
  }
}

/**
 * A whole number in 0..limit−1.
 * @param what its name in the message
 * @throws DamagedFile when `text` is none
 */
export function wholeBelow(limit: number, text: string, what: string, path: string, line: number): number {
  const n = Number(text);
  if (!/^\s*\d+\s*$/.test(text) || n >= limit)
    throw new DamagedFile(path, line, `${what} is a whole number in 0..${limit - 1}, got '${shortened(text)}'`);
  return n;
}

/** The beginning of a text that may be long. */
export function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}

/** The beginning of a JSON value, for a message. */
export const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? 'nothing');

/** What a JSON value has at a path of names and places in lists, such as `choices.0.text`; undefined where there is no such member. */
export const memberAt = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce(
      (within, name) =>
        typeof within === 'object' && within !== null && Object.hasOwn(within, name)
          ? (within as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );

/** What a member of a JSON file must be, by its path: one of these values; undefined where it may be missing. */
export type Meaning = readonly [path: string, values: readonly unknown[]];

/** @throws DamagedFile naming the first member that is something else */
export function checkMeanings(path: string, value: unknown, meanings: readonly Meaning[]): void {
  for (const [name, values] of meanings) {
    const found = memberAt(value, name);
    const wanted = values.filter((one) => one !== undefined).map((one) => JSON.stringify(one));
    if (!values.includes(found))
      throw new DamagedFile(path, null, `${name} is ${wanted.join(' or ')}, got ${shown(found)}`);
  }
}
