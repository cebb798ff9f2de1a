import { DeviceError, GradError } from '../tensor/errors.ts';
import type { Spec } from '../tensor/kernel.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { unpack } from './define.ts';
import type { CallNode } from './graph.ts';
import type { Gradients, RuleContext } from './record.ts';

/** Gradients of the results of a call; null where none arrived. */
type Slots = readonly (Tensor | null)[];

/** The gradients that the rule of a call gives; those that are not needed are not checked. */
export function applyRule(node: CallNode, dys: Slots, needs: readonly boolean[], createGraph: boolean): Gradients {
  const { record, operands } = node;
  const { name } = record;
  node.verify();
  if (createGraph && record.once === true)
    throw new GradError(name, 'its rule is a kernel without a rule of its own: no second derivative');
  const { device } = dys.find((dy) => dy !== null) as Tensor;
  let dxs: Gradients;
  try {
    dxs = callRule(node, dys, needs, createGraph);
  } catch (error) {
    if (!(error instanceof DeviceError) || !device.hasData) throw error;
    throw new GradError(name, `the rule reads values that the record does not keep (${error.message})`);
  }
  if (!Array.isArray(dxs)) throw new GradError(name, 'the rule gives a list of gradients, and no promise of one');
  if (dxs.length !== operands.length)
    throw new GradError(name, `the rule gave ${dxs.length} gradients for ${operands.length} operands`);
  for (let i = 0; i < dxs.length; i++) {
    const dx = dxs[i];
    if (dx && needs[i]) checkGradient(name, i, dx, operands[i], device);
  }
  return dxs;
}

function checkGradient(name: string, i: number, dx: Tensor, x: Spec, device: Tensor['device']): void {
  if (!(dx instanceof Tensor)) throw new GradError(name, `the rule gave operand ${i} something that is no tensor`);
  if (!sameShape(dx.shape, x.shape) || dx.dtype !== x.dtype)
    throw new GradError(
      name,
      `the rule gave operand ${i} (${x.dtype}) a ${dx.dtype} gradient, or one of another shape`,
      [dx.shape, x.shape],
    );
  if (dx.device !== device)
    throw new GradError(name, `the gradient of operand ${i} comes from values that the record does not keep`, [
      x.shape,
    ]);
}

function callRule(node: CallNode, dys: Slots, needs: readonly boolean[], createGraph: boolean): Gradients {
  const { record, attrs } = node;
  let { saved } = node;
  if (createGraph && saved.length > 0) {
    const { inputs } = node;
    saved = record.resave?.({ inputs, saved, attrs }) ?? unpack(record.forward({ inputs, attrs })).saved;
  }
  return record.backward?.(new Context(node, dys, needs, saved)) ?? [];
}

/** Operands and results are made for the rule only if it asks for them: many need neither. */
class Context implements RuleContext<'list', unknown, 'list'> {
  readonly dys: readonly (Tensor | null)[];
  readonly needs: readonly boolean[];
  readonly saved: readonly Tensor[];
  readonly #node: CallNode;

  constructor(node: CallNode, dys: Slots, needs: readonly boolean[], saved: readonly Tensor[]) {
    this.#node = node;
    this.dys = dys;
    this.needs = needs;
    this.saved = saved;
  }

  get dy(): Tensor {
    return this.dys[0] as Tensor;
  }

  get inputs(): readonly Tensor[] {
    return this.#node.inputs;
  }

  get ys(): readonly Tensor[] {
    return this.#node.outputs;
  }

  get y(): Tensor {
    return this.#node.outputs[0];
  }

  get attrs(): unknown {
    return this.#node.attrs;
  }
}
