/**
 * Matrix products: square, transposed, batched, skinny, ragged, vectors, float64.
 *
 *     npm run bench -- gemm
 */
import { type DType, matmul, Rng, randn } from '../../src/index.ts';
import { type Case, suite } from './suite.ts';

const rng = new Rng(1);

interface Options {
  readonly batch?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly dtype?: DType;
}

/** A [m, k] times B [k, n]. */
function product(m: number, k: number, n: number, options: Options = {}): Case {
  const { batch = 1, transA = false, transB = false, dtype = 'float32' } = options;
  const lead = batch > 1 ? [batch] : [];
  const a = randn([...lead, ...(transA ? [k, m] : [m, k])], rng, { dtype });
  const b = randn([...lead, ...(transB ? [n, k] : [k, n])], rng, { dtype });
  const marks = `${transA ? ' AᵀB' : ''}${transB ? ' ABᵀ' : ''}${dtype === 'float64' ? ' float64' : ''}`;
  return {
    name: `${batch > 1 ? `${batch}×` : ''}[${m},${k}]·[${k},${n}]${marks}`,
    work: 2 * batch * m * k * n,
    unit: 'flops',
    operands: [a, b],
    run: () => matmul(a, b, { transA, transB }),
  };
}

await suite('products', [
  ...[16, 32, 64, 128, 256, 512, 1024].map((n) => product(n, n, n)),
  ...[65, 127, 255, 513].map((n) => product(n, n, n)),
  product(256, 256, 256, { transA: true }),
  product(256, 256, 256, { transB: true }),
  product(128, 64, 128, { batch: 8 }),
  product(128, 64, 128, { batch: 32, transB: true }),
  product(512, 512, 16),
  product(16, 128, 512, { transA: true }),
  product(2708, 1433, 16),
  product(2708, 16, 16, { transB: true }),
  product(1024, 1024, 1),
  product(1, 1024, 1024),
  product(1024, 1, 1024),
  product(256, 256, 256, { dtype: 'float64' }),
  product(512, 512, 512, { dtype: 'float64' }),
]);
