/** What an op leaves in the graph: all that its rule reads, nothing else, and nothing that was written over since. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unpack } from '../../src/autograd/define.ts';
import type { Keeps } from '../../src/autograd/record.ts';
import { GradError, meta, Tensor, tensor } from '../../src/index.ts';
import type { Case } from './cases.ts';
import { assertRefuses, assertSame } from './compare.ts';
import { type AnyOp, altered, run } from './gradients.ts';
import { forEveryCase, type Law, type Subject } from './law.ts';

/** Every law about the graph that applies to the op. */
export function graphLaws(subject: Subject): readonly Law[] {
  return subject.differentiable ? [keepsNothingIdle(subject), noticesWrites(subject)] : [];
}

/** Cases enough to meet every attribute set; the statement is "in some case", so it needs no counterexample to shrink. */
const samples = 40;

/**
 * That a rule reads only what is kept is enforced by the engine, which shows it shapes in place of the rest. Here the other
 * half: each thing kept is needed, because there is a case where the rule, or its recorded run, fails without it.
 */
const keepsNothingIdle = (subject: Subject): Law => ({
  name: 'everything that is kept or saved is read by the rule',
  run() {
    const cases = fc.sample(subject.cases, samples);
    for (const [what, without] of poorer(subject.op, cases)) {
      const missed = cases.some((c) => failsUnkept(subject, without, c));
      assert.ok(missed, `${subject.name}: ${what} is kept and never read`);
    }
  },
});

/** The op without one of the things it keeps, for each of them. */
function poorer(op: AnyOp, cases: readonly Case[]): [what: string, op: AnyOp][] {
  const { keeps = {} } = op.record;
  const { inputs = [], outputs = [] } = keeps;
  const keeping = (changes: Keeps): AnyOp => altered(op, { keeps: { ...keeps, ...changes } });
  const saved = Math.max(0, ...cases.map((c) => unpack(op.record.forward(c)).saved.length));
  return [
    ...inputs.map((i): [string, AnyOp] => [`operand ${i}`, keeping({ inputs: inputs.filter((j) => j !== i) })]),
    ...outputs.map((i): [string, AnyOp] => [`result ${i}`, keeping({ outputs: outputs.filter((j) => j !== i) })]),
    ...Array.from({ length: saved }, (_, i): [string, AnyOp] => [`intermediate ${i}`, forgetting(op, i)]),
  ];
}

/** The op whose intermediate number `i` is a shape only. */
function forgetting(op: AnyOp, i: number): AnyOp {
  return altered(op, {
    forward(context) {
      const { ys, saved, single } = unpack(op.record.forward(context));
      const rest = saved.map((x, j) => (j === i ? Tensor.allocate(x.shape, x.dtype, meta) : x));
      return single ? { y: ys[0], saved: rest } : { ys, saved: rest };
    },
  });
}

function failsUnkept({ op, result }: Subject, without: AnyOp, c: Case): boolean {
  for (const createGraph of op.record.once ? [false] : [false, true])
    try {
      run(without, c, { probe: 1, result, createGraph });
    } catch (error) {
      if (error instanceof GradError && /does not keep/.test(error.message)) return true;
      throw error;
    }
  return false;
}

/** Writes other values into a tensor in place. */
function overwrite(x: Tensor): void {
  const values = Float64Array.from(x.data, (v) => (x.dtype === 'bool' || x.dtype === 'int32' ? 0 : v + 1));
  x.assign_(tensor(values, { shape: x.shape, dtype: x.dtype }));
}

const noticesWrites = ({ op, name, cases, result }: Subject): Law =>
  forEveryCase(
    'a write between call and backward is refused by name if it hits what is kept, else harmless',
    cases,
    (c, probe) => {
      const { inputs = [], outputs = [] } = op.record.keeps ?? {};
      const clean = run(op, c, { probe, result });
      if (clean.gradients.every((g) => g === null)) return;
      for (const i of c.inputs.keys()) {
        const write = () => run(op, c, { probe, result, between: (leaves) => overwrite(leaves[i]) });
        if (inputs.includes(i)) assertRefuses(write, GradError, name, new RegExp(`operand ${i} was written`));
        else for (const [j, g] of write().gradients.entries()) assertSame(g, clean.gradients[j], `gradient ${j}`);
      }
      for (const i of outputs) {
        const write = () => run(op, c, { probe, result, between: (_, ys) => overwrite(ys[i]) });
        assertRefuses(write, GradError, name, new RegExp(`result ${i} was written`));
      }
    },
  );
