/** Converting a model: which layers are chosen, what stays tied, what is refused, and that nothing is half done. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DomainError, noGrad, ones, Rng, rand, randn, type Tensor, tensor } from '../../src/index.ts';
import {
  adam,
  type CallContext,
  Linear,
  Module,
  Parameter,
  ReLU,
  type Rule,
  Sequential,
  sgd,
} from '../../src/nn/index.ts';
import {
  convert,
  galore,
  type LoraLinear,
  type Method,
  type MethodChoice,
  SpectralLinear,
} from '../../src/sst/index.ts';
import { assertClose } from '../harness/compare.ts';
import { mlp } from '../harness/method.ts';

const rng = new Rng(1);
const linear = (n = 4, m = n): Linear => new Linear(n, m, { rng, dtype: 'float64' });

class Attention extends Module {
  q: Module = linear();
  out: Module = linear();
  call(x: Tensor): Tensor {
    return this.out.call(this.q.call(x));
  }
}

class Block extends Module {
  readonly attn = new Attention();
  readonly ff: Module = new Sequential(linear(), new ReLU(), linear());
  readonly scale = new Parameter(rand([4], rng, { dtype: 'float64' }));
  call(x: Tensor): Tensor {
    return this.ff.call(this.attn.call(x)).mul(this.scale);
  }
}

class Model extends Module {
  readonly blocks: Module[] = [new Block(), new Block()];
  readonly head: Module = linear(4, 2);
  call(x: Tensor, context?: CallContext): Tensor {
    return this.head.call(this.blocks.reduce((y, block) => block.call(y, context), x));
  }
}

const inBlock = (i: number): string[] => ['attn.q', 'attn.out', 'ff.0', 'ff.2'].map((path) => `blocks.${i}.${path}`);
const lora2 = { method: 'lora', rank: 2, rng } as const;
const pathsOf = (selection: { include?: string[]; exclude?: string[] }): string[] =>
  convert(new Model(), { ...lora2, ...selection }).layers.map(({ path }) => path);

describe('selection', () => {
  test('by default everything but the last linear layer, the head; alone, it is converted', () => {
    assert.deepEqual(pathsOf({}), [...inBlock(0), ...inBlock(1)]);
    assert.deepEqual(
      convert(new Sequential(linear()), lora2).layers.map(({ path }) => path),
      ['0'],
    );
    assert.equal(pathsOf({ exclude: [] }).at(-1), 'head');
  });

  test('* is any run of characters but a dot, ** any run; patterns fit whole paths', () => {
    const cases: [{ include?: string[]; exclude?: string[] }, string[]][] = [
      [{ include: ['blocks.*.attn.*'] }, [0, 1].flatMap((i) => inBlock(i).slice(0, 2))],
      [{ include: ['blocks.0.**'] }, inBlock(0)],
      [{ include: ['**.q', '**.ff.0'] }, [0, 1].flatMap((i) => [inBlock(i)[0], inBlock(i)[2]])],
      [{ include: ['**'], exclude: ['**.attn.**', 'h*'] }, [0, 1].flatMap((i) => inBlock(i).slice(2))],
      [{ include: ['blocks.1.ff.2'] }, ['blocks.1.ff.2']],
      [{ include: ['head'], exclude: [] }, ['head']],
      [{ exclude: ['blocks.*.ff.*', 'blocks.1.attn.q'] }, [...inBlock(0).slice(0, 2), inBlock(1)[1], 'head']],
    ];
    for (const [selection, expected] of cases)
      assert.deepEqual(pathsOf(selection), expected, JSON.stringify(selection));
  });

  test('nothing selected is refused: too short, too wide, characters that mean something to a regular expression, the excluded head', () => {
    for (const include of [
      [],
      ['blocks'],
      ['*'],
      ['blocks.*'],
      ['blocks?0.attn.q'],
      ['blocks.[01].attn.q'],
      ['.*'],
      ['head'],
      ['nothing'],
    ])
      assert.throws(() => pathsOf({ include }), DomainError, String(include));
    assert.throws(() => convert(new Sequential(new ReLU()), lora2), DomainError);
  });

  test('an unknown method is refused by its name, and a model that is itself the linear layer with advice', () => {
    const unknown = { method: 'adaptor', rank: 1 } as unknown as MethodChoice;
    assert.throws(() => convert(new Model(), unknown), /DomainError: convert: there is no method 'adaptor'/);
    assert.throws(() => convert(linear(), lora2), /DomainError: convert: .*Sequential/);
  });
});

describe('what becomes of the model', () => {
  test('its function stays, through nested modules and arrays; the layers of the plan are the layers of the model', () => {
    const x = randn([3, 4], rng, { dtype: 'float64' });
    for (const method of ['sst', 'lora', 'relora', 'galore', 'full'] as const) {
      const model = new Model();
      const before = noGrad(() => model.call(x));
      const plan = convert(model, { method, rank: 2, rng });
      assertClose(
        noGrad(() => model.call(x)),
        before,
        1e-12,
        method,
      );
      const found = new Map(model.namedModules());
      for (const { path, layer } of plan.layers) assert.equal(found.get(path), layer);
      plan.merge();
      assertClose(
        noGrad(() => model.call(x)),
        before,
        1e-12,
        'merged',
      );
      assert.equal(model.namedModules().filter(([, m]) => m instanceof Linear).length, 9);
    }
  });

  test('a layer that the model uses twice is converted once, stays tied, and is merged in both places', () => {
    const shared = linear();
    const model = new Sequential(shared, new ReLU(), shared, linear());
    const plan = convert(model, { method: 'sst', rank: 2, rng });
    assert.deepEqual(
      plan.layers.map(({ path }) => path),
      ['0'],
    );
    assert.ok(model[0] instanceof SpectralLinear && model[0] === model[2], 'converted and tied');
    plan.merge();
    assert.ok(model[0] instanceof Linear && model[0] === model[2], 'merged and tied');
  });

  test('a weight that two layers share is listed once in the groups, and refused where it would be replaced', () => {
    const [a, b] = [linear(), linear()];
    b.weight = a.weight;
    const model = new Sequential(a, b, linear());
    for (const method of ['sst', 'lora', 'relora'] as const)
      assert.throws(() => convert(model, { method, rank: 2, rng }), /DomainError: convert: .*'0' is shared/);
    assert.ok(model[0] === a && model[1] === b, 'nothing was replaced');
    const plan = convert(model, { method: 'full' });
    assert.equal(plan.groups()[0].parameters.length, 1);
    adam(plan.groups(), { lr: 1 });
  });

  test('when one layer cannot be converted, none is', () => {
    const broken = new Linear(2, 2, {
      weight: tensor([
        [1, Number.NaN],
        [0, 1],
      ]),
      bias: null,
    });
    const model = new Sequential(new Linear(2, 2, { rng }), broken, new Linear(2, 2, { rng }));
    const before = model.namedModules();
    assert.throws(() => convert(model, { method: 'sst', rank: 1, rng }), DomainError);
    assert.deepEqual(model.namedModules(), before);
  });

  test('the seeds of the method decide its layers: the same rng state, the same bits', () => {
    const first = (seed: number): Tensor => {
      const { layers } = convert(mlp(1), { method: 'lora', rank: 2, rng: new Rng(seed) });
      return (layers[0].layer as LoraLinear).loraA;
    };
    assert.deepEqual([...first(1).data], [...first(1).data]);
    assert.notDeepEqual([...first(1).data], [...first(2).data]);
  });
});

describe('groups', () => {
  test('without a dense rest there is one group; frozen parameters are in none', () => {
    const single = convert(new Sequential(new Linear(3, 2, { rng, bias: false })), lora2);
    assert.deepEqual(
      single.groups().map(({ name }) => name),
      ['lora'],
    );
    const model = new Model();
    const plan = convert(model, lora2);
    for (const p of (model.head as Linear).parameters()) p.requiresGrad = false;
    const listed = plan.groups().flatMap(({ parameters }) => parameters);
    assert.equal(listed.length, 8 * 3 + 2, 'A, B and bias of eight layers, and two scales');
  });

  test('a method of one’s own may be an object with state: it is called as itself', () => {
    class Slow implements Method<Linear> {
      readonly name = 'slow';
      readonly #factor = 0.5;
      readonly seen: number[] = [];
      attach(layer: Linear): Linear {
        return layer;
      }
      ownParameters(layer: Linear): readonly Parameter[] {
        return [layer.weight];
      }
      schedule(): number {
        return this.#factor;
      }
      wrapRule(rule: Rule): Rule {
        return (x, g, state, hyper, manifold) => rule(x, g.mul(this.#factor), state, hyper, manifold);
      }
      onStep(step: number): [] {
        this.seen.push(step);
        return [];
      }
      merge(layer: Linear): Linear {
        return layer;
      }
      trainableCount(m: number, n: number): number {
        return m * n;
      }
    }
    const method = new Slow();
    const plan = convert(new Sequential(new Linear(2, 1, { weight: tensor([[1, 1]]), bias: null })), { method });
    const optimizer = sgd(plan.groups(), { lr: 1 });
    const [weight] = plan.groups()[0].parameters;
    plan.hook(optimizer).beforeStep?.(0);
    weight.grad = ones([1, 2]);
    optimizer.step();
    plan.hook(optimizer).beforeStep?.(1);
    assert.deepEqual([...weight.data], [0.75, 0.75]);
    assert.deepEqual(method.seen, [0, 1]);
  });

  test('the settings for the method’s own parameters do not reach the others', () => {
    const plan = convert(mlp(1), { method: galore({ rank: 6 }) });
    const [own, dense] = plan.groups({ lr: 0 });
    const optimizer = sgd([own, dense], { lr: 1 });
    const all = [...own.parameters, ...dense.parameters];
    const before = all.map((p) => [...p.data]);
    for (const p of all) p.grad = ones(p.shape, { dtype: p.dtype });
    optimizer.step();
    for (const [i, p] of all.entries())
      assert.deepEqual(
        [...p.data],
        before[i].map((v) => v - (own.parameters.includes(p) ? 0 : 1)),
      );
  });
});
