import { type Locals, type Statement, set } from './assembler.ts';
import { constant, constant64, constantBits, type Target } from './family.ts';
import type { V } from './forms.ts';

/** Where a formula keeps what it uses more than once: locals, which V8 holds in registers. */
export interface Registers extends Target {
  /** A number in all four lanes, loaded once before the loop. */
  constant(x: number): V;
  /** 32 bits in all four lanes, loaded once before the loop. */
  bits(x: number): V;
  /** A number in both lanes of float64, loaded once before the loop. */
  constant64(x: number): V;
  /** A value that is computed here, once. */
  hold(x: V): V;
}

/** Values of four elements out of those of the operands, scalar parameters last. Every statement runs in every lane: no branches. */
export type Formula = (r: Registers, ...operands: readonly V[]) => V;

/** The same with several results. */
export type Formulas = (r: Registers, ...operands: readonly V[]) => readonly V[];

/** Registers of a function that is being written, and what fills them. */
export interface Writing extends Registers {
  /** Statements that load the constants, complete when the function is. */
  readonly constants: Statement[];
  /** The statements written since the last call. */
  written(): readonly Statement[];
}

/** Begin to write formulas into a function with these locals. */
export function writing(target: Target, locals: Locals): Writing {
  const constants: Statement[] = [];
  const known = new Map<string, V>();
  let statements: Statement[] = [];
  const once = (key: string, make: () => V): V => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const [local] = locals.list('v128', 1);
    constants.push(set(local, make()));
    known.set(key, local);
    return local;
  };
  return {
    ...target,
    constants,
    constant: (x) => once(`f ${Object.is(x, -0) ? '-0' : x}`, () => constant(x)),
    bits: (x) => once(`i ${x}`, () => constantBits(x)),
    constant64: (x) => once(`d ${x}`, () => constant64(x)),
    hold(x) {
      const [local] = locals.list('v128', 1);
      statements.push(set(local, x));
      return local;
    },
    written() {
      const done = statements;
      statements = [];
      return done;
    },
  };
}
