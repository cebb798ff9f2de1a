import { angle } from './functions/angle.ts';
import { exponential } from './functions/exponential.ts';
import { logarithm } from './functions/logarithm.ts';
import { normal } from './functions/normal.ts';

export { mostFinite } from './functions/logarithm.ts';

/**
 * Functions that texts may call, by name. What GPU.js makes of JavaScript's own differs between modes, by far more than float32 must, and so
 * does what it makes of NaN and infinities: these are made of +, −, ·, / and roots, and agree.
 */
export const functions: Readonly<Record<string, string>> = { ...exponential, ...logarithm, ...angle, ...normal };

const call = /\b(\w+)(?=\()/g;

const calledIn = (text: string): Set<string> =>
  new Set([...text.matchAll(call)].map(([name]) => name).filter((name) => Object.hasOwn(functions, name)));

/**
 * The functions that a text calls, and those that they call, each with one caller: what two of them call is there twice, under two names.
 * GPU.js's webgl2 mode declares functions after their use otherwise.
 */
export function functionsIn(text: string): readonly string[] {
  const called = (name: string, under: string): readonly string[] => {
    const own = calledIn(functions[name]);
    own.delete(name);
    const renamed = functions[name].replace(call, (word) => {
      if (word === name) return under;
      return own.has(word) ? `${under}_${word}` : word;
    });
    return [renamed, ...[...own].flatMap((inner) => called(inner, `${under}_${inner}`))];
  };
  return [...calledIn(text)].flatMap((name) => called(name, name));
}
