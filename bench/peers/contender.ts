/** What every contender offers, whatever library is behind it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Task, TaskOf } from './rows.ts';

/** Milliseconds of the clock and of the processor, all threads of the process together. */
export interface Spent {
  readonly wall: number;
  readonly cpu: number;
}

/** A task with its inputs made. */
export interface Work {
  /** Compute once. Returns what it took only where a part of the work does not count. */
  run(): undefined | Spent | Promise<undefined | Spent>;
  /** What must agree with the other contenders: a digest of the result, or the losses of the first steps. */
  result(): readonly number[];
  /** Figures that need not agree, such as the accuracy of a decomposition. */
  notes?(): Readonly<Record<string, number>>;
  free?(): void;
}

/** How to get ready for each kind of task. */
export type Makers = { readonly [K in Task['kind']]?: (task: TaskOf<K>) => Work | Promise<Work> };

/** A library. What it has no maker for, it cannot compute; `lacks` says why. */
export interface Contender {
  readonly version: string;
  readonly makers: Makers;
  readonly lacks: Readonly<Partial<Record<Task['kind'], string>>>;
  /** Settings that matter: threads, instructions. */
  readonly about?: string;
}

/** A package whose types are only there once it is installed: anything in it may be called, made, and has members. */
export type Package = ((...args: readonly unknown[]) => Package) &
  (new (
    ...args: readonly unknown[]
  ) => Members) &
  Members;

interface Members {
  readonly [member: string]: Package;
  [Symbol.iterator](): Iterator<Package>;
}

/** A path in this folder: the directory in which contenders are started, wherever their code was bundled to. */
export const here = (path: string): string => resolve(path);

/** The version of an installed package, or that of the package whose folder is given. */
export const versionOf = (name: string): string => {
  const folder = name.startsWith('.') ? name : `node_modules/${name}`;
  return (JSON.parse(readFileSync(here(`${folder}/package.json`), 'utf8')) as { version: string }).version;
};

/** The values of an array of TensorFlow.js or jax-js, waited for. */
export const numbers = (x: Package): ArrayLike<number> => x.dataSync() as unknown as ArrayLike<number>;

/** What a synchronous function takes. */
export function spentIn(f: () => void): Spent {
  const before = process.cpuUsage();
  const start = performance.now();
  f();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

/** Accuracy of A ≈ U·diag(s)·Vt, U [n, n], Vt [n, n]: departures of UᵀU and V·Vᵀ from 1 and of the product from A. */
export function accuracyOf(
  a: ArrayLike<number>,
  u: ArrayLike<number>,
  s: ArrayLike<number>,
  vt: ArrayLike<number>,
): { orthogonality: number; residual: number } {
  const n = s.length;
  let [orthogonality, residual] = [0, 0];
  // Every entry would be n³ work in plain loops: a diagonal band and a spread of pairs show as much.
  for (let i = 0; i < n; i++)
    for (const j of new Set([i, (i + 1) % n, (i * 7 + 3) % n, n - 1 - i])) {
      let [uu, vv, usv] = [0, 0, 0];
      for (let k = 0; k < n; k++) {
        uu += u[k * n + i] * u[k * n + j];
        vv += vt[i * n + k] * vt[j * n + k];
        usv += u[i * n + k] * s[k] * vt[k * n + j];
      }
      const one = i === j ? 1 : 0;
      orthogonality = Math.max(orthogonality, Math.abs(uu - one), Math.abs(vv - one));
      residual = Math.max(residual, Math.abs(usv - a[i * n + j]) / s[0]);
    }
  return { orthogonality, residual };
}

/** The largest, middle and smallest singular value. */
export const someValues = (s: ArrayLike<number>): number[] => [s[0], s[s.length >> 1], s[s.length - 1]];
