import { DomainError, type Shape, ShapeError } from '../../tensor/errors.ts';

/** Names of axes: letters, and `.0`, `.1` … for those that an ellipsis stands for, counted from the right. */
export type Labels = readonly string[];

/** An einsum equation together with the shapes it is applied to. */
export interface Equation {
  readonly inputs: readonly Labels[];
  readonly output: Labels;
  /** The size of every label: what its axes broadcast to. */
  readonly sizes: ReadonlyMap<string, number>;
}

const term = /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/;

function malformed(equation: string, why: string): DomainError {
  return new DomainError('einsum', `${why} in '${equation}'`);
}

/** The two sides, the left one split at its commas; the right one undefined when there is no arrow. */
function sides(equation: unknown): readonly [inputs: readonly string[], output: string | undefined] {
  if (typeof equation !== 'string')
    throw new DomainError('einsum', `the equation is a text such as 'ij,jk->ik', got ${typeof equation}`);
  const [left, right, ...more] = equation.replaceAll(/\s/g, '').split('->');
  if (more.length > 0) throw malformed(equation, "there is more than one '->'");
  const inputs = left.split(',');
  for (const text of [...inputs, right ?? ''])
    if (!term.test(text)) throw malformed(equation, `'${text}' is not a list of letters with at most one '...'`);
  return [inputs, right];
}

const ellipsis = (rank: number): Labels => Array.from({ length: rank }, (_, i) => `.${rank - 1 - i}`);

/** One label per axis. */
function labelsOf(text: string, shape: Shape, index: number): Labels {
  const [before, after] = text.split('...');
  const letters = [...before, ...(after ?? '')];
  const free = shape.length - letters.length;
  if (free < 0 || (free > 0 && after === undefined))
    throw new ShapeError('einsum', `operand ${index} does not have the axes of '${text}'`, [shape]);
  return after === undefined ? letters : [...before, ...ellipsis(free), ...after];
}

/** What every label's axes broadcast to; within one operand a label has one size. */
function sizesOf(inputs: readonly Labels[], shapes: readonly Shape[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [i, labels] of inputs.entries())
    for (const [axis, label] of labels.entries()) {
      const [size, seen] = [shapes[i][axis], sizes.get(label) ?? 1];
      const twin = shapes[i][labels.indexOf(label)];
      if (twin !== size || (size !== seen && size !== 1 && seen !== 1))
        throw new ShapeError('einsum', `axis '${label}' is ${twin === size ? seen : twin} and ${size}`, shapes);
      sizes.set(label, seen === 1 ? size : seen);
    }
  return sizes;
}

/** The labels of the result when nothing names them: the ellipsis, then every letter that stands exactly once. */
function implied(inputs: readonly Labels[], dots: Labels): Labels {
  const letters = inputs.flat().filter((label) => !label.startsWith('.'));
  const once = letters.filter((label, i) => letters.indexOf(label) === i && letters.lastIndexOf(label) === i);
  return [...dots, ...once.sort((a, b) => (a < b ? -1 : 1))];
}

/**
 * Read an equation such as `'ij,jk->ik'`, and hold it against the shapes of its operands.
 * @throws DomainError when it is not one; ShapeError when it does not fit
 */
export function parseEquation(equation: string, shapes: readonly Shape[]): Equation {
  const [texts, right] = sides(equation);
  if (texts.length !== shapes.length)
    throw new ShapeError('einsum', `'${equation}' has ${texts.length} operands`, shapes);
  const inputs = texts.map((text, i) => labelsOf(text, shapes[i], i));
  const sizes = sizesOf(inputs, shapes);
  const dots = ellipsis(Math.max(0, ...inputs.map((labels) => labels.filter((l) => l.startsWith('.')).length)));
  if (right === undefined) return { inputs, output: implied(inputs, dots), sizes };
  const [before, after] = right.split('...');
  const output = after === undefined ? [...before] : [...before, ...dots, ...after];
  const twice = output.find((label, i) => output.indexOf(label) !== i);
  if (twice !== undefined) throw malformed(equation, `'${twice}' stands twice in the result`);
  const unknown = output.find((label) => !sizes.has(label));
  if (unknown !== undefined) throw malformed(equation, `'${unknown}' stands in the result and in no operand`);
  return { inputs, output, sizes };
}
