import { functionsIn } from './functions.ts';

/** One GPU.js kernel: what one thread computes, as source text. */
export interface KernelText {
  /** Under which the compiled kernel is kept; unique. */
  readonly name: string;
  /** `function (x, y, n) { … }`: arrays are flat float32, numbers come after them; gives element number `this.thread.x` of the result. */
  readonly source: string;
  /** Functions that it calls, each `function name(…) { … }`. */
  readonly functions: readonly string[];
}

/** GPU.js cannot bind more arrays to a kernel. */
const mostArrays = 7;

const header = /^function \(([a-zA-Z0-9, ]*)\) \{[\s\S]*\}$/;

/**
 * A kernel out of its text. Texts, not functions: what a compiler, a bundler or a coverage tool makes of a function is not what
 * GPU.js understands. Functions are those of `functions.ts` that it calls, unless others are given.
 * @throws Error, when the module is loaded, for a text that is no function of plain arguments, reads more than 7 arrays, or has an
 * argument that it does not use; and for a name that is declared twice, even in blocks apart: GPU.js's cpu mode has one block
 */
export function kernelText(name: string, text: string, functions: readonly string[] = functionsIn(text)): KernelText {
  const source = text.trim();
  const found = header.exec(source);
  if (found === null) throw new Error(`kernel text '${name}' does not read 'function (a, b) { … }'`);
  const args = found[1].split(', ').filter((arg) => arg !== '');
  const body = source.slice(source.indexOf('{'));
  const arrays = args.filter((arg) => body.includes(`${arg}[`));
  const unused = args.find((arg) => !new RegExp(`\\b${arg}\\b`).test(body));
  const declared = [...args, ...[...body.matchAll(/\b(?:let|const) (\w+)/g)].map(([, word]) => word)];
  const twice = declared.find((word, i) => declared.indexOf(word) !== i);
  if (twice !== undefined) throw new Error(`kernel text '${name}' declares '${twice}' twice`);
  if (arrays.length > mostArrays) throw new Error(`kernel text '${name}' reads ${arrays.length} arrays`);
  if (unused !== undefined) throw new Error(`kernel text '${name}' does not use '${unused}'`);
  return { name, source, functions: functions.map((text) => text.trim()) };
}

/**
 * Lines of a kernel that declare `quotient` = ⌊i/n⌋ and `rest` = i − n·quotient, for whole 0 <= i < 2²⁴ and n >= 1. A division in float32
 * may fall on the wrong side of a whole number; the remainder, which is exact, tells.
 */
export const divided = (quotient: string, rest: string, i: string, n: string): string => `
  let ${quotient} = Math.floor((${i} + 0.5) / ${n});
  let ${rest} = ${i} - ${quotient} * ${n};
  if (${rest} < 0) { ${quotient} = ${quotient} - 1; ${rest} = ${rest} + ${n}; }
  if (${rest} >= ${n}) { ${quotient} = ${quotient} + 1; ${rest} = ${rest} - ${n}; }`;
