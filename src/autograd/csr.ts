import { ones, tensor, zeros } from '../tensor/create.ts';
import { checkPattern, type Pattern, patternOf, rowsOf, transposedPattern } from '../tensor/csr.ts';
import type { Device } from '../tensor/device.ts';
import { type DType, requireFloat } from '../tensor/dtype.ts';
import { DeviceError, DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { indexAdd, indexSelect } from './ops/gather.ts';
import { reshape } from './ops/layout.ts';
import { checkName, checkOptions, checkTensor, checkWholes } from './options.ts';

/** Rows and columns of a matrix. */
export type MatrixShape = readonly [rows: number, columns: number];

/** A matrix made from a list of its entries. */
export interface EdgesAttrs {
  readonly shape: MatrixShape;
  /** [e], the value of each pair. Default: ones. */
  readonly values?: Tensor;
  /** Of the ones, where no values are given. Default float32. */
  readonly dtype?: 'float32' | 'float64';
}

function checkMatrixShape(op: string, shape: unknown): void {
  checkWholes(op, 'the shape', shape, 0);
  if ((shape as readonly number[]).length !== 2)
    throw new DomainError(op, `the shape is rows and columns, got [${String(shape)}]`);
}

/** Vectors of one length, of the given dtype. */
function checkVector(op: string, what: string, x: Tensor, size: number, dtype?: DType): void {
  checkTensor(op, x);
  if (dtype === undefined) requireFloat(op, x.dtype);
  else if (x.dtype !== dtype) throw new DTypeError(op, `${what} is ${x.dtype}, and needs ${dtype}: cast it`);
  if (x.rank !== 1 || x.size !== size) throw new ShapeError(op, `${what} should be [${size}]`, [x.shape]);
}

/** @throws DeviceError where positions cannot be looked at */
function checkHost(op: string, x: Tensor): void {
  if (!x.onHost) throw new DeviceError(op, `the positions are on '${x.device.name}', without values`, [x.shape]);
}

function checkInside(op: string, what: string, x: Tensor, n: number): void {
  const odd = x.data.find((i) => i < 0 || i >= n);
  if (odd !== undefined) throw new DomainError(op, `${what} ${odd} is not in 0..${n - 1}`, [x.shape]);
}

/**
 * A sparse matrix in compressed rows (CSR): the entries of row i are numbers indptr[i] … indptr[i + 1] − 1 of `indices`, their columns, and
 * of `values`. Entries of one place add up. The pattern is fixed; values are a tensor like any other, and gradients reach
 * them through `spmm`, `toDense`, `transpose` and `fromEdges`.
 */
export class CsrMatrix implements Pattern {
  readonly indptr: Tensor;
  readonly indices: Tensor;
  readonly values: Tensor;
  readonly shape: MatrixShape;

  /**
   * @param indptr [rows + 1] int32, rising from 0 to the number of entries
   * @param indices [entries] int32, in 0..columns−1, in any order within a row
   * @param values [entries] float32 or float64
   * @throws ShapeError, DTypeError or DomainError when these are not a matrix in compressed rows; DeviceError when they live on
   * several devices
   */
  constructor(indptr: Tensor, indices: Tensor, values: Tensor, shape: MatrixShape) {
    const op = 'CsrMatrix';
    for (const x of [indptr, indices, values]) checkTensor(op, x);
    checkMatrixShape(op, shape);
    const [rows, columns] = shape;
    checkVector(op, 'indptr', indptr, rows + 1, 'int32');
    checkPattern(op, indptr, indices, columns);
    checkVector(op, 'values', values, indices.size);
    if (indptr.device !== indices.device || indptr.device !== values.device)
      throw new DeviceError(
        op,
        `parts live on ${indptr.device.name}, ${indices.device.name} and ${values.device.name}`,
      );
    this.indptr = indptr;
    this.indices = indices;
    this.values = values;
    this.shape = [rows, columns];
  }

  /** The same matrix on another device. @throws as `Tensor.to` does */
  to(device: Device): CsrMatrix {
    return new CsrMatrix(this.indptr.to(device), this.indices.to(device), this.values.to(device), this.shape);
  }

  /** How many entries are stored. */
  get entries(): number {
    return this.indices.size;
  }

  /**
   * The elements of a dense matrix that are not 0 (NaN is not), which get its gradient.
   * @throws ShapeError unless x is a matrix; DTypeError unless it is floating; DeviceError without values
   */
  static fromDense(x: Tensor): CsrMatrix {
    const op = 'CsrMatrix.fromDense';
    checkTensor(op, x);
    requireFloat(op, x.dtype);
    if (x.rank !== 2) throw new ShapeError(op, 'needs a matrix', [x.shape]);
    checkHost(op, x);
    const places: number[] = [];
    for (const [i, v] of x.data.entries()) if (v !== 0) places.push(i);
    const shape = [x.shape[0], x.shape[1]] as const;
    const { indptr, indices } = patternOf(
      Int32Array.from(places, (i) => Math.floor(i / shape[1])),
      Int32Array.from(places, (i) => i % shape[1]),
      shape,
    );
    const values = indexSelect(reshape(x, [x.size]), tensor(Int32Array.from(places)));
    return new CsrMatrix(indptr, indices, values, shape);
  }

  /**
   * A matrix from its entries as pairs (row, column), in any order: the edges of a graph. Values of a pair given more than once
   * add up, and each gets the gradient of their sum.
   * @param rows [e] int32
   * @param columns [e] int32
   * @throws ShapeError when lengths differ; DTypeError unless pairs are int32 and values floating; DomainError when a pair is
   * outside the shape; DeviceError without values
   */
  static fromEdges(rows: Tensor, columns: Tensor, attrs: EdgesAttrs): CsrMatrix {
    const op = 'CsrMatrix.fromEdges';
    checkTensor(op, rows);
    checkOptions(op, attrs, ['shape', 'values', 'dtype']);
    checkMatrixShape(op, attrs.shape);
    checkVector(op, 'rows', rows, rows.size, 'int32');
    checkVector(op, 'columns', columns, rows.size, 'int32');
    const { shape, dtype = 'float32' } = attrs;
    checkName(op, 'dtype', dtype, ['float32', 'float64']);
    const { values = ones([rows.size], { dtype }) } = attrs;
    checkVector(op, 'values', values, rows.size);
    for (const x of [rows, columns, values]) checkHost(op, x);
    checkInside(op, 'row', rows, shape[0]);
    checkInside(op, 'column', columns, shape[1]);
    const { indptr, indices, entry } = patternOf(rows.data, columns.data, shape);
    const sums = indexAdd(zeros([indices.size], { dtype: values.dtype }), entry, values);
    return new CsrMatrix(indptr, indices, sums, shape);
  }

  /**
   * The same pattern with other values.
   * @throws ShapeError or DTypeError unless there is one floating value for each entry
   */
  withValues(values: Tensor): CsrMatrix {
    return new CsrMatrix(this.indptr, this.indices, values, this.shape);
  }

  /** Rows and columns exchanged. @throws DeviceError without values */
  transpose(): CsrMatrix {
    checkHost('CsrMatrix.transpose', this.indptr);
    const [rows, columns] = this.shape;
    const { indptr, indices, order } = transposedPattern(this, columns);
    return new CsrMatrix(indptr, indices, indexSelect(this.values, order), [columns, rows]);
  }

  /**
   * All elements [rows, columns], 0 where there is no entry.
   * @throws DomainError when there are more than 2³¹ − 1; DeviceError without values
   */
  toDense(): Tensor {
    const op = 'CsrMatrix.toDense';
    const [rows, columns] = this.shape;
    if (rows * columns >= 2 ** 31) throw new DomainError(op, 'too many elements', [this.shape]);
    checkHost(op, this.indptr);
    const row = rowsOf(this);
    const places = Int32Array.from(this.indices.data, (j, e) => row[e] * columns + j);
    const flat = indexAdd(zeros([rows * columns], { dtype: this.values.dtype }), tensor(places), this.values);
    return reshape(flat, [rows, columns]);
  }
}
