import type { Op } from './define.ts';
import type { Arity } from './record.ts';

/**
 * A function around an op that carries the op's record. It takes more forms of operands or options than the record does
 * (vectors in a product of matrices, weights in a loss) and turns them into calls of the op and of others, so that the
 * record stays plain: its rule is what is replaced, and held to the laws. A call with too few operands goes to the op,
 * which refuses it.
 */
export /* @__NO_SIDE_EFFECTS__ */ function wrapOp<N extends Arity, A, M extends Arity>(
  op: Op<N, A, M>,
  call: (...args: Parameters<Op<N, A, M>>) => ReturnType<Op<N, A, M>>,
): Op<N, A, M> {
  const { record } = op;
  const bare = op as (...args: Parameters<Op<N, A, M>>) => ReturnType<Op<N, A, M>>;
  const wrapped = (...args: Parameters<Op<N, A, M>>): ReturnType<Op<N, A, M>> =>
    args.length < Number(record.arity) ? bare(...args) : call(...args);
  Object.defineProperty(wrapped, 'name', { value: record.name });
  return Object.assign(wrapped, { record }) as unknown as Op<N, A, M>;
}
