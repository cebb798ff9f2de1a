import type { AdamStep, AdamUpdate, Descent, MomentumDescent } from '../cpu/optimizer.ts';
import type { Tensor } from '../tensor.ts';
import { elementwise, type Runs } from './elementwise.ts';
import type { V } from './forms.ts';
import type { Formulas, Registers } from './formula.ts';
import { f32x4, v128 } from './lanes.ts';
import { isFloat32, overlay } from './overlay.ts';
import { rowwise } from './rowwise.ts';

type Pair = readonly [Tensor, Tensor];
type Outputs = readonly Tensor[];

/** m·step/(√v·root + eps). */
const stepped = (r: Registers, m: V, v: V, step: V, root: V, eps: V): V =>
  f32x4.mul(m, f32x4.div(step, r.madd(f32x4.sqrt(v), root, eps)));

/** The numbers of `stepped`. An eps that float32 takes for 0 would divide by it. */
const stepNumbers = ({ lr, eps, bias1, bias2 }: AdamStep): readonly number[] => [
  -lr / bias1,
  1 / Math.sqrt(bias2),
  eps,
];
const isFair = ({ eps }: AdamStep): boolean => eps === 0 || eps >= 1e-30;

/** A kernel of float32 operands, as many results, and numbers. */
const floats = (operands: number, results: number, params: number, formulas: Formulas): Runs =>
  elementwise({ operands: new Array<'float32'>(operands).fill('float32'), results, params, formulas });

/** Lay the steps of optimizers over their definitions. Each result is within 5e-7 of the largest term it is the sum of. */
export function laySteps(): void {
  const ema = floats(2, 1, 2, (r, a, b, beta, rest) => [r.madd(a, beta, f32x4.mul(b, rest))]);
  overlay<Pair, number, Outputs>('ema', {
    accepts: isFloat32,
    run: (outputs, inputs, beta) => ema(outputs, inputs, [beta, 1 - beta]),
  });
  const step = rowwise({ formula: stepped, result: 'float32', params: 3, cost: 0.5 });
  overlay<Pair, AdamStep, Outputs>('adamStep', {
    accepts: (inputs, attrs) => isFloat32(inputs) && isFair(attrs),
    run([u], [m, v], attrs) {
      // One entry of v for each of m, or for each row.
      const same = v.size === m.size;
      const shape = same ? [m.size] : [v.size, m.size / v.size];
      return step.run(u, [m.rawView(shape), v.rawView(same ? shape : [v.size, 1])], stepNumbers(attrs));
    },
  });
  layAdam();
  layDescent();
}

function layAdam(): void {
  const adam = floats(4, 3, 9, (r, x, g, m, v, ...numbers) => {
    const [beta1, rest1, beta2, rest2, decay, shrink, step, root, eps] = numbers;
    const gradient = r.hold(r.madd(x, decay, g));
    const nextM = r.hold(r.madd(m, beta1, f32x4.mul(gradient, rest1)));
    const nextV = r.hold(r.madd(v, beta2, f32x4.mul(f32x4.mul(gradient, rest2), gradient)));
    const u = r.madd(x, shrink, stepped(r, nextM, nextV, step, root, eps));
    return [f32x4.add(x, u), nextM, nextV];
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], AdamUpdate, Outputs>('adam', {
    accepts: (inputs, attrs) => isFloat32(inputs) && isFair(attrs),
    run(outputs, inputs, attrs) {
      const { beta1, beta2, decay, shrink, lr } = attrs;
      const numbers = [beta1, 1 - beta1, beta2, 1 - beta2, decay, -lr * shrink, ...stepNumbers(attrs)];
      return adam(outputs, inputs, numbers);
    },
  });
}

function layDescent(): void {
  const plain = floats(2, 1, 2, (r, x, g, step, decay) => [r.madd(r.madd(x, decay, g), step, x)]);
  overlay<Pair, Descent, Outputs>('descent', {
    accepts: isFloat32,
    run: (outputs, inputs, { lr, decay }) => plain(outputs, inputs, [-lr, decay]),
  });
  const pushed = floats(3, 2, 6, (r, x, g, b, ...numbers) => {
    const [step, decay, momentum, share, ahead, along] = numbers;
    const gradient = r.hold(r.madd(x, decay, g));
    const next = r.hold(r.madd(b, momentum, f32x4.mul(gradient, share)));
    const lead = v128.and(gradient, f32x4.gt(ahead, v128.zero()));
    return [r.madd(r.madd(next, along, lead), step, x), next];
  });
  overlay<readonly [Tensor, Tensor, Tensor], MomentumDescent, Outputs>('momentumDescent', {
    accepts: isFloat32,
    run: (outputs, inputs, { lr, decay, momentum, dampening, nesterov }) =>
      pushed(outputs, inputs, [...[-lr, decay, momentum, 1 - dampening], ...(nesterov ? [1, momentum] : [0, 1])]),
  });
}
