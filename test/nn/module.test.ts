/** Walking a model by its fields: names, order, tied parts, buffers; putting one module in the place of another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rng, rand, type Tensor, zeros } from '../../src/index.ts';
import {
  type CallContext,
  GELU,
  Linear,
  Module,
  Parameter,
  ReLU,
  replaceModule,
  Sequential,
} from '../../src/nn/index.ts';

const rng = new Rng(1);
const linear = (n: number = 2, m: number = n): Linear => new Linear(n, m, { rng });

class Block extends Module {
  readonly scale = new Parameter(zeros([3]));
  readonly mean: Tensor = zeros([2]);
  proj: Module = linear();
  layers: Module[] = [linear(), new ReLU(), linear()];
  grid: Module[][] = [[linear()], [linear()]];
  readonly note = 'not a tensor';

  call(x: Tensor): Tensor {
    return x;
  }
}

class Model extends Module {
  readonly embed: Module;
  readonly block = new Block();
  readonly head: Module;
  readonly tied: Parameter;

  constructor() {
    super();
    const shared = linear();
    this.embed = shared;
    this.head = shared;
    this.tied = shared.weight;
  }

  call(x: Tensor): Tensor {
    return x;
  }
}

describe('names', () => {
  test("Sequential's parameters have PyTorch's names, in PyTorch's order", () => {
    const model = new Sequential(linear(2, 3), new ReLU(), new Sequential(linear(3, 3), new GELU()), linear(3, 1));
    assert.deepEqual(
      model.namedParameters().map(([path, p]) => `${path} ${p.shape}`),
      ['0.weight 3,2', '0.bias 3', '2.0.weight 3,3', '2.0.bias 3', '3.weight 1,3', '3.bias 1'],
    );
  });

  test('more than nine children stay in order', () => {
    const model = new Sequential(...Array.from({ length: 12 }, () => linear()));
    assert.deepEqual(
      model.namedModules().map(([path]) => path),
      ['', ...Array.from({ length: 12 }, (_, i) => String(i))],
    );
  });

  test('own tensors come before those of submodules; arrays of any depth are opened; the tied are listed once', () => {
    const model = new Model();
    assert.deepEqual(
      model.namedParameters().map(([path]) => path),
      [
        'tied',
        'embed.bias',
        'block.scale',
        ...['proj', 'layers.0', 'layers.2', 'grid.0.0', 'grid.1.0'].flatMap((at) =>
          ['weight', 'bias'].map((name) => `block.${at}.${name}`),
        ),
      ],
    );
    assert.deepEqual(
      model.namedModules().map(([path]) => path),
      [
        '',
        'embed',
        'block',
        ...['proj', 'layers.0', 'layers.1', 'layers.2', 'grid.0.0', 'grid.1.0'].map((p) => `block.${p}`),
      ],
    );
  });

  test('buffers are the tensors that are no parameters; frozen parameters stay parameters', () => {
    const model = new Model();
    model.block.scale.requiresGrad = false;
    assert.deepEqual(
      model.namedBuffers().map(([path]) => path),
      ['block.mean'],
    );
    assert.ok(model.parameters().includes(model.block.scale), 'a frozen parameter is listed');
  });

  test('a module that holds itself is walked once', () => {
    const block = new Block();
    block.proj = block;
    assert.equal(block.namedModules().filter(([, m]) => m === block).length, 1);
  });
});

describe('replaceModule', () => {
  test('finds any path of namedModules but the root, through arrays too', () => {
    const model = new Model();
    for (const [path] of model.namedModules().slice(3)) {
      const other = new ReLU();
      assert.ok(replaceModule(model, path, other), path);
      assert.equal(model.namedModules().find(([p]) => p === path)?.[1], other, path);
    }
  });

  test('what was tied stays tied, whichever of its paths is named', () => {
    for (const path of ['embed', 'head']) {
      const model = new Model();
      const other = linear();
      assert.ok(replaceModule(model, path, other), 'found');
      assert.ok(model.embed === other && model.head === other, `still tied after ${path}`);
    }
  });

  test('changes nothing and says so when there is no module there', () => {
    const model = new Model();
    const before = model.namedModules();
    for (const path of [
      '',
      'nothing',
      'embed.weight',
      'block.note',
      'block.layers',
      'block.layers.9',
      'embed.x.y',
      'constructor',
    ])
      assert.equal(replaceModule(model, path, linear()), false, path);
    assert.deepEqual(model.namedModules(), before);
  });
});

test('Sequential passes the context to every module', () => {
  const seen: (CallContext | undefined)[] = [];
  class Spy extends Module {
    call(x: Tensor, context?: CallContext): Tensor {
      seen.push(context);
      return x;
    }
  }
  const context = { training: true, rng };
  new Sequential(new Spy(), new Sequential(new Spy())).call(rand([1, 2], rng), context);
  assert.deepEqual(seen, [context, context]);
  const x = zeros([1]);
  assert.equal(new Sequential().call(x), x, 'of nothing it is the identity');
});
