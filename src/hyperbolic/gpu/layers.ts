import { type GpuTable, gpuKernel, rowsOf } from '../../tensor/gpu/overlay.ts';
import { total } from '../../tensor/gpu/reduce.ts';
import { summed } from '../../tensor/gpu/sums.ts';
import { divided, kernelText } from '../../tensor/gpu/text.ts';
import { guardOf } from '../lorentzGuard.ts';
import { spaceNorms } from './rows.ts';

const { shortest, margin, steepest } = guardOf('float32');

/** Lines that say what `lorentzLift` makes of a row: its time over the unit, its radius likewise, and the unit 1/√c. */
const lifted = `
  const share = sigmoidOf(z[row * n]);
  const widest = expOf(Math.min(scale[0], steepest));
  const unit = 1 / Math.sqrt(c[0]);
  const time = share * widest + 1.1;
  const radius = Math.sqrt(time * time - 1);`;

const liftText = kernelText(
  'lorentzLift',
  `function (z, lengths, scale, c, n, shortest, steepest) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    ${lifted}
    let y = z[i] / lengths[row] * radius * unit;
    if (k < 1) { y = time * unit; }
    if (lengths[row] <= shortest) {
      y = 0;
      if (k < 1) { y = unit; }
    }
    return y;
  }`,
);

/** <dys, u> of every row, u the direction of its space coordinates. */
const liftAlongText = kernelText(
  'lorentzLiftGrad.along',
  `function (dy, z, lengths, n, shortest) {
    const row = this.thread.x;
    const from = row * n + 1;
    const space = n - 1;
    const by = 1 / lengths[row];
    ${summed('dot', 'space', (k) => `dy[from + ${k}] * (z[from + ${k}] * by)`)}
    let along = dot;
    if (lengths[row] <= shortest) { along = 0; }
    return along;
  }`,
);

const liftGradText = kernelText(
  'lorentzLiftGrad',
  `function (dy, z, lengths, along, scale, c, n, shortest, steepest) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    ${lifted}
    const rest = sigmoidOf(0 - z[row * n]);
    let y = (dy[i] - along[row] * (z[i] / lengths[row])) * (radius * unit / lengths[row]);
    if (k < 1) { y = (dy[i] + along[row] * time / radius) * unit * share * rest * widest; }
    if (lengths[row] <= shortest) { y = 0; }
    return y;
  }`,
);

/** What a row adds to the gradient of the scale. */
const liftByScaleText = kernelText(
  'lorentzLiftGrad.scale',
  `function (dy, z, lengths, along, scale, c, n, shortest, steepest) {
    const row = this.thread.x;
    ${lifted}
    let y = (dy[row * n] + along[row] * time / radius) * unit * share * widest;
    if (lengths[row] <= shortest || scale[0] > steepest) { y = 0; }
    return y;
  }`,
);

/** What a row adds to the gradient of c. */
const liftByCurvatureText = kernelText(
  'lorentzLiftGrad.curvature',
  `function (dy, z, lengths, along, scale, c, n, shortest, steepest) {
    const row = this.thread.x;
    ${lifted}
    let y = (dy[row * n] * time + along[row] * radius) * unit;
    if (lengths[row] <= shortest) { y = dy[row * n] * unit; }
    return 0 - y / (2 * c[0]);
  }`,
);

/** 1 − |ss|²/s0² of every row: its rounding, 2⁻²⁴, is what a point so far out has of its own in float32. */
const insideText = kernelText(
  'lorentzNormalise.inside',
  `function (s, n) {
    const from = this.thread.x * n + 1;
    const space = n - 1;
    const by = 1 / s[from - 1];
    ${summed('squares', 'space', (k) => `(s[from + ${k}] * by) * (s[from + ${k}] * by)`)}
    return 1 - squares;
  }`,
);

/** Lines that say what becomes of a row: q held to the margin, what its space coordinates are multiplied by to give w, and y0. */
const normalised = `
  const time = s[row * n];
  const unit = 1 / Math.sqrt(c[0]);
  let q = inside[row];
  let by = 1 / time;
  let reach = 1;
  if (q < margin) {
    by = by / Math.sqrt(1 - q);
    reach = Math.sqrt(1 - margin);
    q = margin;
  }
  const point = unit / Math.sqrt(q);`;

const normaliseText = kernelText(
  'lorentzNormalise',
  `function (s, inside, c, n, shortest, margin) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    ${normalised}
    let y = s[i] * by * reach * point;
    if (k < 1) { y = point; }
    if (time <= shortest) {
      y = 0;
      if (k < 1) { y = unit; }
    }
    return y;
  }`,
);

/** <dys, w> of every row, with the direction in place of w at the margin. */
const normaliseAlongText = kernelText(
  'lorentzNormaliseGrad.along',
  `function (dy, s, inside, n, margin) {
    const row = this.thread.x;
    const from = row * n + 1;
    const space = n - 1;
    let by = 1 / s[from - 1];
    if (inside[row] < margin) { by = by / Math.sqrt(1 - inside[row]); }
    ${summed('along', 'space', (k) => `dy[from + ${k}] * (s[from + ${k}] * by)`)}
    return along;
  }`,
);

const normaliseGradText = kernelText(
  'lorentzNormaliseGrad',
  `function (dy, s, inside, along, c, n, shortest, margin) {
    const i = this.thread.x;
    ${divided('row', 'k', 'i', 'n')}
    ${normalised}
    const pull = (dy[row * n] + along[row]) / q;
    let y = point * by * (dy[i] + pull * by * s[i]);
    if (k < 1) { y = 0 - point * by * (along[row] + pull * (1 - q)); }
    if (inside[row] < margin) {
      y = point * reach * by * (dy[i] - along[row] * by * s[i]);
      if (k < 1) { y = 0; }
    }
    if (time <= shortest) { y = 0; }
    return y;
  }`,
);

/** What a row adds to the gradient of c. */
const normaliseByCurvatureText = kernelText(
  'lorentzNormaliseGrad.curvature',
  `function (dy, s, inside, along, c, n, shortest, margin) {
    const row = this.thread.x;
    ${normalised}
    let y = point * (dy[row * n] + along[row] * reach);
    if (time <= shortest) { y = dy[row * n] * unit; }
    return 0 - y / (2 * c[0]);
  }`,
);

/** Layers of the hyperboloid. */
export const layerKernels: GpuTable = {
  lorentzLift: gpuKernel({
    run(on, [z, scale, c]) {
      const [, n] = rowsOf(z);
      const lengths = spaceNorms(on, z);
      return [on.launch(liftText, z.size, [z.array, lengths, scale.array, c.array, n, shortest, steepest])];
    },
  }),
  lorentzLiftGrad: gpuKernel({
    run(on, [dy, z, scale, c]) {
      const [rows, n] = rowsOf(z);
      const lengths = spaceNorms(on, z);
      const along = on.launch(liftAlongText, rows, [dy.array, z.array, lengths, n, shortest]);
      const args = [dy.array, z.array, lengths, along, scale.array, c.array, n, shortest, steepest];
      const sum = (text: typeof liftByScaleText) => total(on, on.launch(text, rows, args));
      return [on.launch(liftGradText, z.size, args), sum(liftByScaleText), sum(liftByCurvatureText)];
    },
  }),
  lorentzNormalise: gpuKernel({
    run(on, [s, c]) {
      const [rows, n] = rowsOf(s);
      const inside = on.launch(insideText, rows, [s.array, n]);
      return [on.launch(normaliseText, s.size, [s.array, inside, c.array, n, shortest, margin])];
    },
  }),
  lorentzNormaliseGrad: gpuKernel({
    run(on, [dy, s, c]) {
      const [rows, n] = rowsOf(s);
      const inside = on.launch(insideText, rows, [s.array, n]);
      const along = on.launch(normaliseAlongText, rows, [dy.array, s.array, inside, n, margin]);
      const args = [dy.array, s.array, inside, along, c.array, n, shortest, margin];
      const terms = on.launch(normaliseByCurvatureText, rows, args);
      return [on.launch(normaliseGradText, s.size, args), total(on, terms)];
    },
  }),
};
