/** The processes of the contenders, seen from the bench: prepared on first use, asked in turn, replaced when they do not answer. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Request } from './child.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const output = `${folder}node_modules/.bench`;

/** What a contender answers. */
export interface Answer {
  readonly version?: string;
  readonly about?: string;
  readonly why?: string;
  readonly result?: readonly number[];
  readonly notes?: Readonly<Record<string, number>> | null;
  readonly wall?: number;
  readonly cpu?: number;
  readonly runs?: number;
}

/** Install the pinned packages of this folder unless they are there. */
export function install(): void {
  const { dependencies } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const missing = Object.entries(dependencies).some(([name, version]) => {
    const path = `${folder}node_modules/${name}/package.json`;
    return !existsSync(path) || (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version !== version;
  });
  if (!missing) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
}

const bundling = { absWorkingDir: folder, bundle: true, platform: 'node', logLevel: 'error' } as const;

/** Bundle the contenders as a user's program would be, without what a loader of TypeScript adds to every closure. */
export function build(): void {
  buildSync({
    ...bundling,
    entryPoints: ['child.ts'],
    outdir: output,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
}

/** Bundle TensorFlow.js, which must be installed. */
export function buildTensorFlow(): void {
  // Kernels and gradient rules of TensorFlow.js register themselves from modules that Node cannot resolve.
  const core = '@tensorflow/tfjs-core';
  const parts = [`export * from '${core}'`, `export * from '@tensorflow/tfjs-backend-wasm'`];
  const sides = [
    `import '${core}/dist/register_all_gradients'`,
    `import '${core}/dist/public/chained_ops/register_all_chained_ops'`,
  ];
  const contents = [...parts, ...sides, "import '@tensorflow/tfjs-backend-cpu'"].join(';');
  const stdin = { contents, resolveDir: folder };
  buildSync({ ...bundling, stdin, outfile: `${output}/tensorflow.cjs`, mainFields: ['module', 'main'] });
}

const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '3' };
/** PyTorch held to 256-bit registers, twice those of WebAssembly; otherwise it takes the widest that the processor has. */
const narrow = { OPENBLAS_CORETYPE: 'Haswell', ATEN_CPU_CAPABILITY: 'avx2' };
/** Debian's own: another python3 on the path would have other packages. */
const python = '/usr/bin/python3';

/** The program of a contender, and its environment. */
function command(name: string): [file: string, args: readonly string[], env: NodeJS.ProcessEnv] {
  // What is set here for OpenBLAS would decide for it which instructions it takes.
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  const env = { ...rest, ...oneThread };
  const [library, kind] = name.split('-');
  if (library === 'torch' || library === 'numpy')
    return [python, ['-B', 'native.py', library], kind === 'avx2' ? { ...env, ...narrow } : env];
  return [process.execPath, ['--expose-gc', `${output}/child.mjs`, name], env];
}

/** Milliseconds after which an answer is not waited for any more. */
const patience = 180_000;

/** One contender's process. */
export class Child {
  readonly name: string;
  #process: ChildProcess | undefined;
  #waiting: ((answer: Answer) => void) | undefined;
  /** What it said of itself, or why it does not run. */
  hello: Answer = {};

  constructor(name: string) {
    this.name = name;
  }

  /** Start the process; `hello` is set afterwards. */
  async start(): Promise<void> {
    const [file, args, env] = command(this.name);
    const child = spawn(file, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors = `${errors}${text}`.slice(-4000);
    });
    const ended = (why: string): void => {
      if (this.#process === child) this.#process = undefined;
      this.#answered({ why });
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code) => {
      const lines = errors.trim().split('\n');
      const said = lines.filter((line) => /Error/.test(line)).pop() ?? lines.pop();
      ended(said || `ended with ${code}`);
    });
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) this.#answered(JSON.parse(line) as Answer);
    });
    this.#process = child;
    this.hello = await this.#answer();
  }

  /** Ask, and wait for the answer. */
  async ask(request: Request): Promise<Answer> {
    if (this.#process === undefined) await this.start();
    if (this.hello.why !== undefined) return this.hello;
    this.#process?.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#answer();
  }

  /** End the process. */
  stop(): void {
    const child = this.#process;
    this.#process = undefined;
    child?.stdin?.end();
    child?.kill();
  }

  #answered(answer: Answer): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(answer);
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.stop();
        this.#answered({ why: `no answer in ${patience / 1000} s` });
      }, patience);
      this.#waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
    });
  }
}
