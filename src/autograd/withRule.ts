import { DomainError } from '../tensor/errors.ts';
import { checkFunction } from './arguments.ts';
import type { Op } from './define.ts';
import { type Plan, planOf } from './graph.ts';
import type { AnyRecord, Arity, Gradients, Keeps, RuleContext } from './record.ts';
import { flags, scoped } from './scoped.ts';

/** A gradient rule: what `backward` is in a record. */
export type RuleFunction<N extends Arity, A, M extends Arity> = (context: RuleContext<N, A, M>) => Gradients;

/** A gradient rule with what it needs. */
export interface Rule<N extends Arity, A, M extends Arity> {
  readonly backward: RuleFunction<N, A, M>;
  /** What the rule reads. Default: every operand and every result. */
  readonly keeps?: Keeps;
  /** The rule calls a kernel that has no rule of its own, so a second derivative is refused by name. Default false. */
  readonly once?: boolean;
}

/**
 * Run `fn`, in which calls of `op` are recorded with another gradient rule: a straight-through estimator, a surrogate, an
 * experiment. The values stay. What counts is where a call is made, not where its backward pass runs. Rules given inside
 * hold inside; an op without a rule of its own becomes differentiable.
 *
 * `withRule(sign, ({ dy }) => [dy], () => sign(x))`
 * @param rule the rule alone, or with `keeps` and `once`
 * @throws DomainError when `op` was not made by `defineOp`, or the rule is none; GradError when `fn` returns a promise, and,
 * from the backward pass, when the rule reads a value that its `keeps` leaves out
 */
export function withRule<N extends Arity, A, M extends Arity, T>(
  op: Op<N, A, M>,
  rule: RuleFunction<N, A, M> | Rule<N, A, M>,
  fn: () => T,
): T {
  const record = (op as Partial<Op<N, A, M>> | null | undefined)?.record as AnyRecord | undefined;
  if (typeof record?.forward !== 'function') throw new DomainError('withRule', 'takes an op, made by defineOp');
  const plan = planFor(record, typeof rule === 'function' ? { backward: rule } : rule);
  return scoped('withRule', { rules: new Map([...(flags.rules ?? []), [record, plan]]) }, fn);
}

function planFor<N extends Arity, A, M extends Arity>(record: AnyRecord, rule: Rule<N, A, M>): Plan {
  checkFunction('withRule', `the rule of ${record.name}`, rule?.backward);
  const { keeps, once = false } = rule;
  const ruled: AnyRecord = {
    ...record,
    backward: rule.backward as unknown as NonNullable<AnyRecord['backward']>,
    once,
  };
  if (keeps === undefined) return { record: ruled, inputs: 'all', outputs: 'all' };
  const { arity } = record as { readonly arity: Arity };
  const odd = (keeps.inputs ?? []).find((i) => !Number.isInteger(i) || i < 0 || (arity !== 'list' && i >= arity));
  if (odd !== undefined) throw new DomainError('withRule', `${record.name} has no operand ${odd} to keep`);
  return planOf(ruled, keeps);
}
