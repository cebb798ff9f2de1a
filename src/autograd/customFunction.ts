import { zeros } from '../tensor/create.ts';
import { isFloat } from '../tensor/dtype.ts';
import { GradError } from '../tensor/errors.ts';
import { Rng } from '../tensor/rng.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkFunction, checkTensors } from './arguments.ts';
import { defineOp, type Op, type Operand } from './define.ts';
import { borderOf, newestCall } from './graph.ts';
import type { Forward, Gradients, RuleContext } from './record.ts';
import { flags, refusePromise, scoped } from './scoped.ts';

/** What `forward` of a custom function is given besides its operands. */
export interface ForwardContext<A = undefined> {
  /**
   * The one door for tensors that `backward` will see again, as `saved`, in the order saved. Operands and results bring
   * their graph with them; anything else is computed again for a second derivative.
   */
  save(...values: readonly Tensor[]): void;
  readonly attrs: A;
}

/** What `backward` of a custom function is given besides dL/dy of each result (zeros where a result is unused). */
export interface PullContext<A = undefined> {
  readonly saved: readonly Tensor[];
  /** Which operands want a gradient; the others need not be computed. */
  readonly needs: readonly boolean[];
  readonly attrs: A;
}

/** A function and the rule of its gradient, as in `torch.autograd.Function`. */
export interface CustomFunction<Y extends Tensor | readonly Tensor[], A = undefined> {
  /** What errors call it. Default `customFunction`. */
  readonly name?: string;
  /** Computes with ops, kernels or plain numbers; what it records serves a second derivative and nothing else. */
  forward(context: ForwardContext<A>, ...xs: Tensor[]): Y;
  /** One gradient per operand, or a tensor where there is one operand. Written with ops it can be differentiated in turn. */
  backward(context: PullContext<A>, ...dys: Tensor[]): Tensor | Gradients;
}

/** The function made: operands, then whatever `attrs` is. */
export type CustomCall<Y extends Tensor | readonly Tensor[], A = undefined> = (
  ...args: readonly Operand[] | readonly [...Operand[], A]
) => Y;

/**
 * A differentiable function out of a `forward` and a `backward` of one's own.
 *
 * First derivatives: whatever `backward` computes. Second derivatives: exact when `backward` is written with ops and reads
 * operands and results through `saved`. A saved intermediate is computed again, with a graph, by another run of `forward`
 * (its random streams wound back); where that cannot be right the second derivative is refused: when the intermediate was
 * not made from the operands by ops, when the other run gives other values, and when `backward` uses a tensor of `forward`
 * that did not go through `save`.
 *
 * @throws DomainError when `forward` or `backward` is no function; and from a call: DTypeError for an operand that is
 * neither tensor nor number, GradError naming the function where its forward or backward is at fault
 */
export function customFunction<Y extends Tensor | readonly Tensor[], A = undefined>(
  definition: CustomFunction<Y, A>,
): CustomCall<Y, A> {
  checkFunction('customFunction', 'forward', definition?.forward);
  checkFunction('customFunction', 'backward', definition.backward);
  const { name = 'customFunction' } = definition;
  const op: Op<'list', Run, 'list'> = defineOp<'list', Run, 'list'>({
    name,
    arity: 'list',
    forward: ({ inputs, attrs: run }) => run.forward(inputs),
    resave: ({ saved, attrs: run }) => run.resave(saved),
    backward: (context) => context.attrs.backward(context),
  });
  return (...args) => {
    const last = args.at(-1);
    const plain = args.length === 0 || last instanceof Tensor || typeof last === 'number';
    const operands = (plain ? args : args.slice(0, -1)) as readonly Operand[];
    const run = new Run(name, definition as unknown as AnyDefinition, plain ? undefined : last);
    return op(operands, run) as unknown as Y;
  };
}

type AnyDefinition = CustomFunction<Tensor | readonly Tensor[], unknown>;

/** Operands as `forward` sees them on its first run, of all calls: nothing else may lead to them. */
const standIns = new WeakSet<Tensor>();

/** One call of a custom function. */
class Run {
  readonly #name: string;
  readonly #definition: AnyDefinition;
  readonly #attrs: unknown;
  readonly #recording: boolean = flags.recording;
  readonly #rules: typeof flags.rules = flags.rules;
  /** How many values were saved, and which of them are neither operand nor result. */
  #count = 0;
  #intermediate: readonly number[] = [];
  /** The calls recorded by the first run: numbers above the first, up to the second. */
  #calls: readonly [number, number] = [0, 0];
  #again: <T>(fn: () => T) => T = (fn) => fn();

  constructor(name: string, definition: AnyDefinition, attrs: unknown) {
    this.#name = name;
    this.#definition = definition;
    this.#attrs = attrs;
  }

  /** The first run, on stand-ins: the calls in it show what the intermediates come from, and lead nowhere else. */
  forward(inputs: readonly Tensor[]): Forward<'list'> {
    const recording = this.#recording && inputs.some((x) => x.requiresGrad);
    const xs = recording ? inputs.map((x) => standIn(x, x.requiresGrad)) : inputs;
    const before = newestCall();
    const [{ made, ys, saved }, again] = Rng.watched(() => this.#run(xs, recording));
    this.#calls = [before, newestCall()];
    this.#again = again;
    const fresh = ys.map((y) => y.detach());
    const intermediate: number[] = [];
    const kept = saved.map((value, i) => {
      const [operand, result] = [xs.indexOf(value), ys.indexOf(value)];
      if (operand === -1 && result === -1) intermediate.push(i);
      return inputs[operand] ?? fresh[result] ?? value.detach();
    });
    this.#count = saved.length;
    this.#intermediate = intermediate;
    const all = intermediate.length === 0 ? kept : [...kept, ...inputs];
    return made instanceof Tensor ? { y: fresh[0], saved: all } : { ys: fresh, saved: all };
  }

  /** Saved operands and results have their graph; intermediates get one from another run. */
  resave(all: readonly Tensor[]): readonly Tensor[] {
    const before = all.slice(0, this.#count);
    if (this.#intermediate.length === 0) return before;
    const xs = all.slice(this.#count).map((x) => (x.requiresGrad ? x : standIn(x, isFloat(x.dtype))));
    const { saved } = this.#again(() => this.#run(xs, true));
    return before.map((value, i) => {
      if (!this.#intermediate.includes(i)) return value;
      if (saved[i] === undefined || !sameBits(saved[i], value))
        throw new GradError(
          this.#name,
          `run again, forward saved another value ${i}: its second derivative is unknown`,
        );
      if (isFloat(value.dtype) && !saved[i].requiresGrad)
        throw new GradError(
          this.#name,
          `saved value ${i} was not made from the operands by ops, so its second derivative is unknown: save operands or results, or compute it in backward`,
          [value.shape],
        );
      return saved[i];
    });
  }

  backward({ dys, ys, saved, needs }: RuleContext<'list', Run, 'list'>): Gradients {
    const before = newestCall();
    const { device } = dys.find((dy) => dy !== null) as Tensor;
    const context = { saved: saved.slice(0, this.#count), needs, attrs: this.#attrs };
    const filled = ys.map(({ shape, dtype }, i) => dys[i] ?? zeros(shape, { dtype, device }));
    const given: unknown = this.#definition.backward(context, ...filled);
    refusePromise(this.#name, given);
    const dxs = given instanceof Tensor ? [given] : given;
    if (!Array.isArray(dxs)) throw new GradError(this.#name, 'backward gives a tensor or a list of gradients');
    if (flags.recording) this.#refuseLeaks(dxs, before);
    return dxs;
  }

  #run(xs: readonly Tensor[], recording: boolean): { made: unknown; ys: readonly Tensor[]; saved: readonly Tensor[] } {
    const saved: Tensor[] = [];
    let open = true;
    const save = (...values: readonly Tensor[]): void => {
      if (!open) throw new GradError(this.#name, 'save is for forward, while it runs');
      checkTensors(this.#name, 'saved value', values);
      saved.push(...values);
    };
    const context = { save, attrs: this.#attrs };
    const forward = (): unknown => this.#definition.forward(context, ...xs);
    const made = scoped(this.#name, { recording, rules: this.#rules }, forward);
    open = false;
    const ys = made instanceof Tensor ? [made] : made;
    checkTensors(this.#name, 'result', ys);
    return { made, ys: ys as readonly Tensor[], saved };
  }

  /** A gradient that depends on a call of the first run would be a constant to whoever differentiates it again. */
  #refuseLeaks(dxs: Gradients, before: number): void {
    const [first, last] = this.#calls;
    const leaked = borderOf(
      before,
      dxs.filter((dx) => dx instanceof Tensor),
    ).some((edge) =>
      edge instanceof Tensor ? standIns.has(edge) : edge.node.sequence > first && edge.node.sequence <= last,
    );
    if (leaked)
      throw new GradError(
        this.#name,
        'backward uses a tensor of forward that did not go through save, so its second derivative would be wrong',
      );
  }
}

function standIn(x: Tensor, requiresGrad: boolean): Tensor {
  const copy = x.detach();
  copy.requiresGrad = requiresGrad;
  if (requiresGrad) standIns.add(copy);
  return copy;
}

/** Equal shapes, dtypes and values, NaN included; without values, shapes and dtypes. */
function sameBits(a: Tensor, b: Tensor): boolean {
  if (!sameShape(a.shape, b.shape) || a.dtype !== b.dtype || a.device !== b.device) return false;
  return !a.onHost || !b.onHost || a.data.every((value, i) => Object.is(value, b.data[i]));
}
