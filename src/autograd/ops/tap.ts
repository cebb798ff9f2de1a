import { DomainError } from '../../tensor/errors.ts';
import { defineOp, type Op } from '../define.ts';
import { type GradHook, replacement } from '../hooks.ts';

/**
 * x itself, as a new tensor over the same storage; in a backward pass `hook(dy)` sees the whole gradient that arrives here,
 * once, and a tensor that it returns goes on in its place. Under `createGraph` what the hook computes is recorded.
 *
 * `tap(h, (dy) => console.log(dy))` · `tap(h, (dy) => dy.mul(0.5))`
 * @throws DomainError when `hook` is not a function; GradError, from the backward pass, when it returns anything but
 * nothing or a tensor of dy's shape, dtype and device
 */
export const tap: Op<1, GradHook> = /* @__PURE__ */ defineOp({
  name: 'tap',
  arity: 1,
  signature: '… -> …',
  check(_, hook) {
    if (typeof hook !== 'function') throw new DomainError('tap', `the hook is a function, got ${typeof hook}`);
  },
  forward: ({ inputs: [x] }) => x.rawView(x.shape),
  backward: ({ dy, attrs: hook }) => [replacement('tap', hook(dy), dy)],
});
