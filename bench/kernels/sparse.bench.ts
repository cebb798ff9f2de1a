/**
 * Sparse products, and reading and adding by index.
 *
 *     npm run bench -- sparse
 */
import {
  CsrMatrix,
  grad,
  indexAdd,
  indexSelect,
  Rng,
  randn,
  scatterAdd,
  spmm,
  sum,
  tensor,
  zeros,
} from '../../src/index.ts';
import { sparse, wholes } from '../peers/inputs.ts';
import { type Case, suite } from './suite.ts';

const rng = new Rng(1);

/** A·x and the gradients of A's values and of x. */
function products(n: number, degree: number, columns: number): Case[] {
  const { indptr, indices, values } = sparse(1, n, degree);
  const a = new CsrMatrix(tensor(indptr), tensor(indices), tensor(values, { requiresGrad: true }), [n, n]);
  const x = randn([n, columns], rng, { requiresGrad: true });
  const operands = [a.indptr, a.indices, a.values, x];
  const name = `${n} rows, ${a.entries} entries, ${columns} columns`;
  const work = 2 * a.entries * columns;
  return [
    { name: `spmm, ${name}`, work, unit: 'flops', operands, run: () => spmm(a, x) },
    {
      name: 'the same with gradients',
      work: 3 * work,
      unit: 'flops',
      operands,
      run: () => grad(sum(spmm(a, x)), [a.values, x]),
    },
  ];
}

/** Rows of a table by index, and added back. */
function indexed(rows: number, width: number): Case[] {
  const table = randn([rows, width], rng);
  const index = tensor(wholes(1, 2 * rows, rows));
  const source = randn([2 * rows, width], rng);
  const places = tensor(wholes(2, source.size, rows), { shape: source.shape });
  const base = { work: source.size, unit: 'elements' as const };
  return [
    { ...base, name: 'indexSelect', operands: [table, index], run: () => indexSelect(table, index) },
    {
      ...base,
      name: 'indexAdd',
      operands: [table, index, source],
      run: () => indexAdd(zeros(table.shape), index, source),
    },
    {
      ...base,
      name: 'scatterAdd',
      operands: [table, places, source],
      run: () => scatterAdd(table, places, source, { axis: 0 }),
    },
  ];
}

await suite('sparse', [
  ...products(2708, 5, 16),
  ...products(2708, 5, 64),
  ...products(20_000, 20, 16),
  ...products(20_000, 20, 17),
  ...indexed(2708, 16),
  ...indexed(10_000, 64),
]);
