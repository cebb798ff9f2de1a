/** What a law is, and what the laws of ops are told about an op. */
import fc from 'fast-check';
import type { Signature } from '../../src/autograd/signature.ts';
import { probes } from './arbitraries.ts';
import type { Case } from './cases.ts';
import type { AnyOp, Result } from './gradients.ts';

/** A statement and the check that fails when it is false. */
export interface Law {
  readonly name: string;
  run(): void;
}

/** An op under the laws. */
export interface Subject {
  readonly op: AnyOp;
  readonly name: string;
  /** Calls of the op, operands in float64. */
  readonly cases: fc.Arbitrary<Case>;
  /** Calls with an axis of size 0; null where the op refuses them or nobody can say. */
  readonly empties: fc.Arbitrary<Case> | null;
  /** The signature for given attributes; null when the op has none. */
  readonly signature: ((attrs: unknown) => Signature) | null;
  readonly differentiable: boolean;
  /** The op as its record says it, where its call takes more: what must be refused is judged by it. */
  readonly strict: AnyOp;
  readonly result: Result;
  /** Attributes under which the rule is the derivative, for ops with a surrogate and no reference. */
  readonly plain: ((attrs: unknown) => unknown) | null;
  /** Agreement of float32 with float64, as a share of the largest value. */
  readonly tolerance: number;
  /** Agreement with central differences. */
  readonly difference: { readonly eps: number; readonly atol: number; readonly rtol: number };
}

/** The law that something holds for every call of the op. */
export const forEveryCase = (
  name: string,
  cases: fc.Arbitrary<Case>,
  holds: (c: Case, probe: number) => void,
): Law => ({
  name,
  run: () => fc.assert(fc.property(cases, probes, holds), { includeErrorInReport: true }),
});

/** The operands of a surrogate rule that are not the derivative; none where the rule is. */
export function surrogates({ op }: Subject, attrs: unknown): readonly number[] {
  const { surrogate } = op.record;
  return surrogate?.when(attrs) ? surrogate.operands : [];
}
