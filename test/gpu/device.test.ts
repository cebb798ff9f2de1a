import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type GpuDevice, gpuDevice, reportModes } from '../../src/gpu.ts';
import {
  add,
  backward,
  matmul,
  mul,
  Rng,
  randn,
  relu,
  scope,
  slice,
  sort,
  sum,
  tensor,
  zeros,
} from '../../src/index.ts';
import { meta } from '../../src/tensor/device.ts';
import { GpuDevice as Device } from '../../src/tensor/gpu/device.ts';
import { loadGpuJs, open } from '../../src/tensor/gpu/gpujs.ts';
import { Runner } from '../../src/tensor/gpu/launch.ts';
import { type GpuTable, gpuKernel } from '../../src/tensor/gpu/overlay.ts';
import { tensorTable } from '../../src/tensor/gpu/table.ts';
import { kernelText } from '../../src/tensor/gpu/text.ts';

/** A device that answers later than it is asked, as WebGPU does, with kernels that run on the host. */
async function later(table: GpuTable = tensorTable): Promise<GpuDevice> {
  const runner = new Runner(await open(await loadGpuJs(), 'cpu'), true, false);
  await runner.prepare();
  return new Device({ mode: 'cpu', runner, table, strict: false });
}

describe('asking for a GPU', () => {
  test('Node has no GPU mode, and says why for each', async () => {
    const modes = await reportModes();
    assert.deepEqual(
      modes.filter(({ problem }) => problem === null).map(({ mode }) => mode),
      ['webasm', 'cpu'],
    );
    await assert.rejects(
      gpuDevice(),
      /DeviceError.*|no mode of GPU.js computes here. webgpu: .*; webgl2: .*; headlessgl: /,
    );
    await assert.rejects(gpuDevice({ mode: 'webgl2' }), { name: 'DeviceError', message: /webgl2: not available here/ });
  });

  test('options that are none, and a gpu.js of another version', async () => {
    await assert.rejects(gpuDevice({ mode: 'cuda' as 'cpu' }), { name: 'DomainError', message: /auto, webgpu/ });
    await assert.rejects(gpuDevice({ strict: 1 as unknown as boolean }), { name: 'DomainError', message: /strict/ });
    for (const gpujs of [{}, null, { GPU: class {} }, { default: { GPU: 1 } }])
      await assert.rejects(gpuDevice({ gpujs }), {
        name: 'DeviceError',
        message: /not version 2\.24\.1: npm install gpu\.js@2\.24\.1/,
      });
  });
});

describe('tensors on a device', () => {
  let gpu: GpuDevice;
  before(async () => {
    gpu = await gpuDevice({ mode: 'webasm' });
  });

  test('go there and come back: every dtype but float64, any shape, none of the values changed', async () => {
    for (const x of [
      tensor([
        [1.5, -2],
        [0, 3e38],
      ]),
      tensor(7),
      zeros([0, 3]),
      tensor([3, -4], { dtype: 'int32' }),
      tensor([true, false]),
    ]) {
      const there = x.to(gpu);
      const back = await there.cpu();
      assert.deepEqual([back.shape, back.dtype, back.data], [x.shape, x.dtype, x.data]);
      assert.deepEqual(await there.read(), x.data);
      assert.equal(there.to(gpu), there);
    }
    assert.deepEqual(await zeros([2, 2], { device: gpu }).read(), new Float32Array(4));
    assert.deepEqual(await tensor([1, 2], { device: gpu }).read(), Float32Array.of(1, 2));
  });

  test('the host does not see floating values, and sees integers that it sent', () => {
    const x = tensor([1, 2], { device: gpu });
    for (const look of [() => x.data, () => x.toArray(), () => tensor(3, { device: gpu }).item()])
      assert.throws(look, { name: 'DeviceError', message: /gpu:webasm.*await its read\(\)/ });
    assert.equal(String(x), 'tensor(gpu:webasm, [2], float32)');
    assert.deepEqual([...tensor([1, 2], { dtype: 'int32', device: gpu }).data], [1, 2]);
    assert.ok(!x.onHost);
  });

  test('what the device cannot hold is refused before anything is sent', () => {
    const sent = gpu.info().uploads;
    assert.throws(() => tensor([1], { dtype: 'float64' }).to(gpu), { name: 'DTypeError', message: /float32: cast/ });
    assert.throws(() => zeros([1], { dtype: 'float64', device: gpu }), { name: 'DTypeError' });
    assert.throws(() => zeros([2 ** 24 + 1], { device: gpu }), { name: 'DeviceError', message: /16777216 elements/ });
    assert.throws(() => tensor([2 ** 24 + 1], { dtype: 'int32' }).to(gpu), { name: 'DomainError', message: /2\^24/ });
    assert.throws(() => zeros([2], { device: meta }).to(gpu), { name: 'DeviceError' });
    assert.equal(gpu.info().uploads, sent);
  });

  test('a leaf stays a leaf; a graph stays where it is; operands are together', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const there = x.to(gpu);
    assert.ok(there.requiresGrad && there.isLeaf);
    assert.throws(() => mul(x, 2).to(gpu), { name: 'GradError', message: /detach/ });
    assert.throws(() => add(x, there), { name: 'DeviceError', message: /cpu and gpu:webasm/ });
  });

  test('a gradient is computed there', async () => {
    const rng = new Rng(3);
    const [a, b, c] = [randn([5, 4], rng), randn([4, 3], rng), randn([3], rng)];
    const on = [a, b, c].map((t) => Object.assign(t.to(gpu), { requiresGrad: true }));
    for (const t of [a, b, c]) t.requiresGrad = true;
    for (const [x, w, d] of [[a, b, c], on]) backward(sum(relu(add(matmul(x, w), d))));
    for (const [i, t] of [a, b, c].entries()) {
      const found = await on[i].grad?.read();
      for (const [j, g] of (t.grad?.data ?? []).entries()) assert.ok(Math.abs((found?.[j] ?? NaN) - g) <= 1e-5, `${j}`);
    }
  });

  test('views share memory: slices, and writes through them', async () => {
    const x = tensor([1, 2, 3, 4, 5, 6], { device: gpu });
    const middle = x.rawView([2], 2);
    assert.deepEqual(await middle.read(), Float32Array.of(3, 4));
    assert.deepEqual(await add(middle, 1).read(), Float32Array.of(4, 5));
    middle.assign_(tensor([30, 40], { device: gpu }));
    assert.deepEqual(await x.read(), Float32Array.of(1, 2, 30, 40, 5, 6));
    x.assign_(mul(x, 2));
    assert.deepEqual(await middle.read(), Float32Array.of(60, 80));
    assert.deepEqual(await slice(x, [[1, 3]]).read(), Float32Array.of(4, 60));
  });

  test('what has no kernel is computed on the host, counted, and refused by a strict device', async () => {
    const before = gpu.info().fallbacks.sort?.count ?? 0;
    const [y, order] = sort(tensor([3, 1, 2], { device: gpu }));
    assert.deepEqual([await y.read(), await order.read()], [Float32Array.of(1, 2, 3), Int32Array.of(1, 2, 0)]);
    assert.deepEqual(gpu.info().fallbacks.sort, { count: before + 1, reason: 'has no kernel' });
    const strict = await gpuDevice({ mode: 'webasm', strict: true });
    assert.throws(() => sort(tensor([1], { device: strict })), {
      name: 'DeviceError',
      message: /^sort: gpu:webasm has no kernel, and is strict/,
    });
  });
});

describe('memory of a device', () => {
  test('a scope lets go of all but what it returns; using and dispose let go at once', async () => {
    const gpu = await gpuDevice({ mode: 'cpu' });
    const live = (): number => gpu.info().live;
    const x = tensor([1, 2], { device: gpu });
    assert.deepEqual([live(), gpu.info().bytes], [1, 8]);
    const y = scope(() => add(mul(x, 2), mul(x, 3)));
    assert.equal(live(), 2);
    assert.deepEqual(await y.read(), Float32Array.of(5, 10));
    y.dispose();
    {
      using z = mul(x, x);
      assert.deepEqual([live(), z.size], [2, 2]);
    }
    assert.equal(live(), 1);
    assert.throws(() => add(y, 1), { name: 'DisposedError' });
    await assert.rejects(y.read(), { name: 'DisposedError' });
  });

  test('kernels are compiled once, whatever the sizes', async () => {
    const gpu = await gpuDevice({ mode: 'cpu' });
    const step = (n: number) =>
      scope(() => relu(add(matmul(zeros([n, 3], { device: gpu }), zeros([3, 4], { device: gpu })), 1)));
    step(2);
    const { kernels } = gpu.info();
    for (const n of [1, 3, 8, 64, 100]) step(n);
    assert.equal(gpu.info().kernels, kernels);
  });
});

describe('a device that answers later', () => {
  test('ops return at once, in order, and the host sees the same numbers', async () => {
    const gpu = await later();
    const x = tensor([1, 2, 3], { device: gpu });
    const [y] = sort(mul(add(x, 1), -2));
    x.assign_(tensor([9, 9, 9], { device: gpu }));
    assert.equal(gpu.info().launches, 0);
    assert.deepEqual(await Promise.all([y.read(), x.read()]), [Float32Array.of(-8, -6, -4), Float32Array.of(9, 9, 9)]);
    assert.ok(gpu.info().asynchronous && gpu.info().launches > 0);
  });

  test('what a scope lets go of is there until it has been used', async () => {
    const gpu = await later();
    const y = scope(() => mul(add(tensor([1, 2], { device: gpu }), 1), 3));
    assert.deepEqual(await y.read(), Float32Array.of(6, 9));
    await gpu.sync();
    assert.equal(gpu.info().live, 1);
  });

  test('a kernel that fails rejects the next read with its name, and what came of it for ever', async () => {
    const broken = kernelText('broken', 'function (x) { return nothing(x[this.thread.x]); }');
    const table = { ...tensorTable, neg: gpuKernel({ run: (on, [x]) => [on.launch(broken, x.size, [x.array])] }) };
    const gpu = await later(table);
    const x = tensor([1, 2], { device: gpu });
    const bad = x.neg();
    const worse = add(bad, 1);
    const fine = add(x, 1);
    await assert.rejects(fine.read(), { name: 'DeviceError', message: /^neg: failed on the device/ });
    assert.deepEqual(await fine.read(), Float32Array.of(2, 3));
    for (let i = 0; i < 2; i++) await assert.rejects(worse.read(), { name: 'DeviceError', message: /^neg:/ });
    await gpu.sync();
    x.neg();
    await assert.rejects(gpu.sync(), /^DeviceError: neg/);
  });

  test('where work is done at once, a kernel that fails throws', async () => {
    const runner = new Runner(await open(await loadGpuJs(), 'cpu'), false, false);
    const broken = kernelText('broken', 'function (x) { return nothing(x[this.thread.x]); }');
    assert.throws(() => runner.launch('neg', broken, 2, [1]), { name: 'DeviceError', message: /^neg: failed/ });
  });
});

describe('a device that is gone', () => {
  for (const [how, lose] of [
    ['lost', (gpu: GpuDevice) => gpu.lose('the driver crashed')],
    ['disposed of', (gpu: GpuDevice) => gpu.dispose()],
  ] as const)
    test(`${how}: everything asked of it raises DeviceError; copies on the host survive`, async () => {
      const gpu = await later();
      const x = tensor([1, 2], { device: gpu });
      const copy = await x.cpu();
      await lose(gpu);
      const gone = { name: 'DeviceError', message: /gpu:cpu is gone: (the driver crashed|it was disposed of)/ };
      assert.throws(() => add(x, 1), gone);
      assert.throws(() => tensor([1], { device: gpu }), gone);
      await assert.rejects(x.read(), gone);
      await assert.rejects(gpu.sync(), gone);
      assert.deepEqual(copy.data, Float32Array.of(1, 2));
    });
});

test('a kernel text is looked at when it is made', () => {
  const bad = [
    '(a) => a[this.thread.x]',
    'function (a, n) { return a[this.thread.x]; }',
    'function (a, b, c, d, e, f, g, h) { return a[0] + b[0] + c[0] + d[0] + e[0] + f[0] + g[0] + h[0]; }',
    'function (a) { let x = a[0]; if (x > 0) { let x = 2; } return x; }',
  ];
  for (const text of bad) assert.throws(() => kernelText('bad', text), /kernel text 'bad'/, text);
});
