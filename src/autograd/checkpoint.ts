import { GradError } from '../tensor/errors.ts';
import { Rng } from '../tensor/rng.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkFunction, checkTensors } from './arguments.ts';
import { borderOf, newestCall, numberedFrom } from './graph.ts';
import { ReplayNode } from './replay.ts';
import { flags, scoped } from './scoped.ts';

/**
 * fn(…xs), of which nothing is kept but the operands: a backward pass that comes by runs `fn` again and then goes through
 * its calls. Memory is traded for a second forward pass. Gradients are equal to the bit to those without `checkpoint`, of
 * `xs` and of whatever else `fn` uses, at any order; hooks and `onGrad` see what they would see.
 *
 * `fn` gives the same values both times: streams of random numbers (`Rng`) that it draws from or forks are wound back for
 * the second time, so that dropout drops the same; anything else that it changes or depends on is the caller's business,
 * and other values are refused. `withRule` holds for both as it does for the first. Without recording it is `fn` alone.
 *
 * @param fn a function of tensors that gives a tensor or a list of them
 * @throws DomainError when `fn` is no function; DTypeError when an operand or a result is no tensor; GradError when `fn` gives
 * a promise; and, from the backward pass, when a tensor that it used was written in place, or it gives other values
 */
export function checkpoint<Xs extends readonly Tensor[], Y extends Tensor | readonly Tensor[]>(
  fn: (...xs: Xs) => Y,
  ...xs: Xs
): Y {
  checkFunction('checkpoint', 'what to run', fn);
  checkTensors('checkpoint', 'operand', xs);
  const run = (): Y => fn(...xs);
  if (!flags.recording) return scoped('checkpoint', {}, run);
  const { rules, nested } = flags;
  const floor = newestCall();
  const [made, again] = Rng.watched(() => scoped('checkpoint', {}, run));
  const ys = listOf(made);
  if (!ys.some((y) => y.requiresGrad)) return made;
  const seen = marks(ys);
  const replay = (anomaly: boolean): readonly Tensor[] =>
    numberedFrom(floor, () => {
      const remade = listOf(again(() => scoped('checkpoint', { recording: true, anomaly, rules, nested }, run)));
      if (marks(remade) !== seen)
        throw new GradError('checkpoint', 'run again, the function gave other values, so its gradients would be wrong');
      return remade;
    });
  const fresh = attach(ys, new ReplayNode('checkpoint', floor, xs, ys, borderOf(floor, ys), replay));
  return (made instanceof Tensor ? fresh[0] : fresh) as Y;
}

/** What a run of the function is known by: how many calls it recorded, and its results. */
const marks = (ys: readonly Tensor[]): string => [newestCall(), ...ys.map(fingerprint)].join(' ');

function listOf(made: unknown): readonly Tensor[] {
  const ys = made instanceof Tensor ? [made] : made;
  checkTensors('checkpoint', 'result', ys);
  return ys as readonly Tensor[];
}

/** The results cut off from the calls that made them, as results of `node`. */
const attach = (ys: readonly Tensor[], node: ReplayNode): readonly Tensor[] =>
  ys.map((y, i) => {
    if (!y.requiresGrad) return y;
    const fresh = y.detach();
    fresh.requiresGrad = true;
    fresh.outputIndex = i;
    fresh.node = node;
    return fresh;
  });

/** Dtype, shape and a hash of the bits (FNV-1a over words): equal for equal values, different after almost any change. */
function fingerprint({ dtype, shape, device, storage, offset, size }: Tensor): string {
  let hash = 0x811c9dc5;
  if (device.hasData && storage.data !== null) {
    const { data } = storage;
    const Words = data.BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint32Array;
    const from = data.byteOffset + offset * data.BYTES_PER_ELEMENT;
    const count = (size * data.BYTES_PER_ELEMENT) / Words.BYTES_PER_ELEMENT;
    const words = new Words(data.buffer as ArrayBuffer, from, count);
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  }
  return `${dtype} [${shape}] ${hash}`;
}
