/**
 * Processor times of the factorisations on normal matrices, in milliseconds. `SPECTRAGRAD_SIMD=0` before the command measures
 * the plain loops.
 *
 *     npm run bench -- svd [--rounds=5] [--largest=512]
 */
import { symmetricEigen } from '../../src/tensor/linalg/eigh.ts';
import { luFactor } from '../../src/tensor/linalg/lu.ts';
import { thinQr } from '../../src/tensor/linalg/qr.ts';
import { singularValues, thinSvd } from '../../src/tensor/linalg/svd.ts';
import { truncatedSvd } from '../../src/tensor/linalg/truncated.ts';
import { Rng } from '../../src/tensor/rng.ts';
import { columns, interleave, median, option, show } from '../measure.ts';

const largest = option('largest', 512);
const squares = [8, 16, 32, 64, 128, 256, 512, 1024].map((n) => [n, n] as const);
const shapes = [...squares, [784, 128] as const, [784, 512] as const].filter(([, n]) => n <= largest);
const rng = new Rng(1);

/** What is measured of a matrix; some only where it is square. */
function tasks(m: number, n: number): Readonly<Record<string, () => unknown>> {
  const a = Float64Array.from({ length: m * n }, () => rng.normal());
  const search = { rank: Math.min(16, n), oversampling: 10, iterations: 2 };
  return {
    svd: () => thinSvd(a, m, n),
    values: () => singularValues(a, m, n),
    'rank 16': () => truncatedSvd(a, m, n, search, new Rng(1)),
    qr: () => thinQr(a, m, n),
    ...(m === n ? { eigh: () => symmetricEigen('eigh', a, n, true), lu: () => luFactor(a.slice(), n) } : {}),
  };
}

const plan = { rounds: option('rounds', 5), budget: 100, share: 2500, clock: 'cpu' } as const;
const names = ['svd', 'values', 'rank 16', 'qr', 'eigh', 'lu'];
const lines = [['', ...names]];
for (const [m, n] of shapes) {
  const variants = Object.entries(tasks(m, n)).map(([name, task]) => ({ name, run: () => void task() }));
  const samples = await interleave(variants, plan);
  lines.push([`${m} × ${n}`, ...names.map((name) => show(median(samples.get(name) ?? [])))]);
}
process.stdout.write(`${columns(lines)}\n`);
