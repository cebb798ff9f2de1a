/** Curvatures that are trained: they stay in their range, gradients reach them, and points follow. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  curvatureOf,
  followingManifold,
  reproject,
  reprojection,
  type Space,
  trainableCurvature,
} from '../../../src/hyperbolic/layers/curvature.ts';
import { lorentz } from '../../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../../src/hyperbolic/poincare.ts';
import { backward, DomainError, mul, ones, Rng, square, sum, Tensor, tensor } from '../../../src/index.ts';
import { adam, fit, Module, Parameter, sgd } from '../../../src/nn/index.ts';
import { assertRefuses } from '../../harness/compare.ts';

const valueOf = (p: Parameter | number): number => {
  const c = curvatureOf(p);
  return c instanceof Tensor ? c.item() : c;
};

/** Points on a manifold whose curvature is trained. */
class Cloud extends Module {
  readonly points: Parameter;
  readonly space: Space;
  readonly curvature: Parameter;
  constructor(space: Space, curvature: Parameter) {
    super();
    this.space = space;
    this.curvature = curvature;
    const start = space(curvatureOf(curvature)).random(2, [4], { rng: new Rng(1), dtype: 'float64' });
    this.points = new Parameter(start.detach(), { manifold: followingManifold(space, curvature) });
  }
  call(x: Tensor): Tensor {
    return sum(this.space(curvatureOf(this.curvature)).squaredDistance(x, this.points));
  }
}

describe('trainableCurvature', () => {
  test('starts at the c that was asked for, in both dtypes', () => {
    fc.assert(
      fc.property(fc.double({ min: Math.log(1e-3), max: Math.log(1e2), noNaN: true }).map(Math.exp), (c) => {
        const near = (dtype: 'float32' | 'float64', share: number): void => {
          const value = valueOf(trainableCurvature(c, { dtype }));
          assert.ok(Math.abs(value - c) <= share * c, `${c} in ${dtype}: ${value}`);
        };
        near('float64', 1e-12);
        near('float32', 1e-5);
      }),
    );
  });

  test('no step leaves 1e-3..1e2, however large; weight decay does not move it', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const lr of [1e-3, 1, 1e6, 1e30])
        for (const sign of [1, -1]) {
          const p = trainableCurvature(1, { dtype });
          const optimizer = sgd([p], { lr, weightDecay: 0 });
          p.grad = mul(ones([], { dtype }), sign);
          optimizer.step();
          const c = valueOf(p);
          assert.ok(c > 0.999e-3 && c < 1.001e2, `${lr * sign}: ${c}`);
        }
    const p = trainableCurvature(3);
    const optimizer = adam([p], { lr: 0.1, weightDecay: 1 });
    p.grad = tensor(0);
    optimizer.step();
    assert.equal(p.item(), trainableCurvature(3).item());
  });

  test('a gradient reaches it: descending on a function of c finds its minimum', () => {
    const p = trainableCurvature(1, { dtype: 'float64' });
    const optimizer = adam([p], { lr: 0.05 });
    for (let i = 0; i < 400; i++) {
      optimizer.zeroGrad();
      backward(square((curvatureOf(p) as Tensor).sub(0.3)));
      optimizer.step();
    }
    assert.ok(Math.abs(valueOf(p) - 0.3) < 1e-3, `${valueOf(p)}`);
  });

  test('what is no curvature is refused, fixed or trained', () => {
    for (const c of [0, -1, 1e-4, 101, Number.NaN, Infinity]) {
      assertRefuses(() => trainableCurvature(c), DomainError, 'trainableCurvature');
      assertRefuses(() => curvatureOf(c), DomainError, 'curvatureOf');
    }
    assert.equal(curvatureOf(1e-3), 1e-3);
  });
});

describe('points of a manifold whose curvature is trained', () => {
  for (const [name, space] of Object.entries({ poincare, lorentz }))
    test(`${name}: reprojection brings them back after every step that changed c`, async () => {
      const model = new Cloud(space, trainableCurvature(1, { dtype: 'float64' }));
      const target = space(1)
        .random(2, [4], { rng: new Rng(2), dtype: 'float64', std: 2 })
        .detach();
      const optimizer = adam(model.parameters(), { lr: 0.1 });
      const on = (): string | null => space(valueOf(model.curvature)).check(model.points).reason;
      const loss = (): Tensor => model.call(space(curvatureOf(model.curvature)).project(target));
      const hooks = [reprojection(model)];
      const losses: number[] = [];
      for await (const event of fit({
        model,
        optimizer,
        loss,
        batches: Array.from({ length: 60 }),
        steps: 60,
        hooks,
      })) {
        if (event.type === 'step') losses.push(event.loss);
        else assert.equal(event.type, 'done');
      }
      assert.equal(on(), null);
      assert.ok(losses[59] < losses[0] / 4, `${losses[0]} to ${losses[59]}`);
      assert.ok(Math.abs(valueOf(model.curvature) - 1) > 0.01, 'c moved');
    });

  test('lorentz: a c that changes leaves the points beside the space, and reproject brings them back', () => {
    const model = new Cloud(lorentz, trainableCurvature(1, { dtype: 'float64' }));
    model.curvature.assign_(trainableCurvature(0.5, { dtype: 'float64' }));
    const space = lorentz(valueOf(model.curvature));
    assert.equal(space.check(model.points).ok, false);
    reproject(model);
    assert.equal(space.check(model.points).reason, null);
  });

  test('every counts steps, and is a whole number >= 1', () => {
    const model = new Cloud(lorentz, trainableCurvature(1, { dtype: 'float64' }));
    const hook = reprojection(model, { every: 3 });
    model.points.assign_(mul(model.points, 2));
    const ok = (): boolean => lorentz(1).check(model.points).ok;
    for (const step of [0, 1]) hook.afterStep?.(step);
    assert.equal(ok(), false);
    hook.afterStep?.(2);
    assert.equal(ok(), true);
    for (const every of [0, -1, 1.5, Number.NaN])
      assertRefuses(() => reprojection(model, { every }), DomainError, 'reprojection');
  });
});
