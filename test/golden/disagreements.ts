/** Every number on which this library and PyTorch 1.13 differ on purpose, with ours and the reason. */
import type { Settled } from './golden.ts';

/** What was settled for one case. */
export interface Disagreement {
  readonly why: string;
  readonly numbers: readonly Settled[];
}

const result = (element: number, ours: number): Settled => ({ part: 'result 0', element, ours });
const gradient = (element: number, ours: number): Settled => ({ part: 'gradient 0', element, ours });
const limit = 'x·σ(x) and its kin tend to 0 at −∞; PyTorch gives −∞·0 = NaN';
const slopes = `${limit}; their slopes tend to 1 and 0, PyTorch gives NaN`;
/** Where ∞ stood, the incoming gradient; where −∞ stood, nothing. */
const limits = [result(5, 0), gradient(4, -1.125), gradient(5, 0)];

/** By the name of the case. */
export const disagreements: Readonly<Record<string, Disagreement>> = {
  'abs at special points': {
    why: 'the slope at NaN is NaN here, as sign(NaN) is; PyTorch says 0',
    numbers: [gradient(6, Number.NaN)],
  },
  'sign at special points': {
    why: 'sign(NaN) is NaN here and in NumPy; PyTorch says 0, which hides it',
    numbers: [result(6, Number.NaN)],
  },
  'acosh at special points': {
    why: '1/√((x − 1)(x + 1)) keeps all digits near 1, 1/√(x² − 1) loses half of them; at −1, where there is no value, signs differ',
    numbers: [gradient(3, Number.NEGATIVE_INFINITY), gradient(7, 19565.593988799526)],
  },
  'relu at special points': {
    why: 'the slope at NaN is 0 here, where PyTorch hands the gradient on; the value is NaN in both',
    numbers: [gradient(6, 0)],
  },
  'silu at special points': { why: slopes, numbers: limits },
  'gelu at special points': { why: slopes, numbers: limits },
  'gelu tanh at special points': { why: slopes, numbers: limits },
  'mish at special points': { why: limit, numbers: [result(5, 0)] },
  'scaledDotProductAttention where a query sees nothing': {
    why: 'a query that may see no key gets zeros here; the softmax of nothing but −∞ is NaN in PyTorch 1.13',
    numbers: [result(3, 0), result(4, 0), result(5, 0)],
  },
};
