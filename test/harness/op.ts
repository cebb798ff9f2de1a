/**
 * The laws of ops. One call puts an op under all of them, over random operands made from its signature:
 *
 *     checkOp(matmul, { attrs: [{}, { transA: true }] });
 */
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { signatureOf } from '../../src/autograd/define.ts';
import type { Arity } from '../../src/autograd/record.ts';
import type { Op } from '../../src/index.ts';
import { type Values, within } from './arbitraries.ts';
import { type Case, operandsFor, type Sizes } from './cases.ts';
import { contractLaws } from './contractLaws.ts';
import { derivativeLaws } from './derivativeLaws.ts';
import { type AnyOp, altered, anyOp, type Result, together } from './gradients.ts';
import { graphLaws } from './graphLaws.ts';
import type { Law, Subject } from './law.ts';
import { numberLaws } from './numberLaws.ts';

/** What the laws cannot know about an op. */
export interface CheckOptions<A> {
  /** Attributes to draw from. Default: none. */
  readonly attrs?: readonly A[];
  /** Calls of the op, where a signature does not say which fit; floating operands in float64. May include empty ones. */
  readonly inputs?: fc.Arbitrary<Case<A>>;
  /**
   * Values of the operands, of all or of each. Default: the grid, in the op's domain. Use `awayFromZero` or `distinct` where
   * the op has kinks or ties: there no finite difference exists, and hand-written cases say what holds.
   */
  readonly values?: Values | readonly Values[];
  /** Sizes of axes. Default 1..4. */
  readonly sizes?: Sizes;
  /** Whether an axis may have size 0. Default true. */
  readonly empty?: boolean;
  /** The tensor to differentiate, out of the results. Default: the floating ones, end to end. */
  readonly result?: Result;
  /**
   * The call takes more forms than the record says (vectors in a product of matrices), so that only the op as the record
   * says it refuses what does not fit. Default false.
   */
  readonly wider?: boolean;
  /** Attributes that turn a surrogate rule into the derivative. Default: the reference tells the truth. */
  readonly plain?: (attrs: A) => A;
  /** Agreement of float32 with float64, relative to the largest value. Default 2e-6. */
  readonly tolerance?: number;
  /** Step and tolerances of the central differences. Default 1e-5, 1e-6 and 1e-6. */
  readonly difference?: Partial<Subject['difference']>;
}

/** Register a test for every law that applies to the op. */
export function checkOp<N extends Arity, A, M extends Arity>(
  op: Op<N, A, M>,
  options: CheckOptions<NoInfer<A>> = {},
): void {
  describe(op.record.name, () => {
    for (const law of lawsOf(op, options)) test(law.name, law.run);
  });
}

/** The laws that apply to an op, not yet run. */
export function lawsOf<N extends Arity, A, M extends Arity>(
  op: Op<N, A, M>,
  options: CheckOptions<NoInfer<A>> = {},
): readonly Law[] {
  const subject = subjectOf(anyOp(op), options as CheckOptions<unknown>);
  return [derivativeLaws, contractLaws, numberLaws, graphLaws].flatMap((laws) => laws(subject));
}

function subjectOf(op: AnyOp, options: CheckOptions<unknown>): Subject {
  const { record } = op;
  const { result = together, plain = null, tolerance = 2e-6, sizes = { min: 1, max: 4 }, empty = true } = options;
  return {
    op,
    name: record.name,
    cases: options.inputs ?? fromSignature(op, options, sizes),
    empties: empty && options.inputs === undefined ? fromSignature(op, options, { min: 0, max: 2 }) : null,
    signature: record.signature === undefined ? null : (attrs) => signatureOf(record, attrs),
    differentiable: record.backward !== undefined,
    strict: options.wider ? altered(op, {}) : op,
    result,
    plain,
    tolerance,
    difference: { eps: 1e-5, atol: 1e-6, rtol: 1e-6, ...options.difference },
  };
}

function fromSignature({ record }: AnyOp, options: CheckOptions<unknown>, sizes: Sizes): fc.Arbitrary<Case> {
  if (record.signature === undefined) throw new Error(`${record.name} has no signature: give its inputs`);
  const { attrs: sets = [{}], values = within(record.domain) } = options;
  return fc
    .constantFrom(...sets)
    .chain((attrs) => operandsFor(signatureOf(record, attrs), values, sizes).map((inputs) => ({ inputs, attrs })));
}
