/** The training loop: what it yields, in which order, and how it ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DomainError, mean, Rng, randn, square, sub, type Tensor } from '../../src/index.ts';
import {
  type CallContext,
  type FitOptions,
  fit,
  type Hook,
  Linear,
  linearWarmup,
  Module,
  Sequential,
  sgd,
  type TrainEvent,
} from '../../src/nn/index.ts';

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}
type Note = { readonly type: 'note'; readonly text: string };
type Options = Partial<FitOptions<Batch, Note>>;

/** A linear student of a linear teacher. */
function toy(options: Options = {}): FitOptions<Batch, Note> {
  const rng = new Rng(1);
  const teacher = new Linear(3, 2, { rng, dtype: 'float64' });
  const model = new Sequential(new Linear(3, 2, { rng, dtype: 'float64' }));
  const batch = (): Batch => {
    const x = randn([8, 3], rng, { dtype: 'float64' });
    return { x, y: teacher.call(x).detach() };
  };
  return {
    model,
    optimizer: sgd(model.parameters(), { lr: 0.2 }),
    loss: ({ x, y }, context) => mean(square(sub(model.call(x, context), y))),
    batches: Array.from({ length: 60 }, batch),
    steps: 60,
    ...options,
  };
}

async function all(options: FitOptions<Batch, Note>): Promise<TrainEvent<Note>[]> {
  const events: TrainEvent<Note>[] = [];
  for await (const event of fit(options)) events.push(event);
  return events;
}

const losses = (events: readonly TrainEvent<Note>[]): number[] =>
  events.flatMap((e) => (e.type === 'step' ? [e.loss] : []));
const spell = (events: readonly TrainEvent<Note>[]): string[] =>
  events.map((e) => (e.type === 'note' ? e.text : e.type === 'step' ? `step ${e.step}` : `${e.type} ${e.steps}`));

describe('a run', () => {
  test('yields one step event per step, then done; the loss of a toy falls a hundredfold', async () => {
    const options = toy();
    const events = await all(options);
    assert.deepEqual(spell(events), [...Array.from({ length: 60 }, (_, i) => `step ${i}`), 'done 60']);
    const [first, last] = [losses(events)[0], losses(events)[59]];
    assert.ok(last < first / 100, `${first} -> ${last}`);
    assert.equal(options.optimizer.steps, 60);
  });

  test('each loss is that before the update, each lr that of the step; ms is measured', async () => {
    const { model, ...options } = toy({ steps: 3 });
    options.optimizer.schedule = linearWarmup(4);
    const fresh = toy();
    const before = fresh.loss((fresh.batches as Batch[])[0], { training: true }).item();
    const events = await all({ model, ...options });
    assert.equal(losses(events)[0], before);
    const steps = events.filter((e) => e.type === 'step');
    assert.deepEqual(
      steps.map((e) => e.lr),
      [0.05, 0.1, 0.2 * 0.75],
    );
    assert.ok(
      steps.every((e) => e.ms >= 0),
      'ms >= 0',
    );
  });

  test('the same run twice gives the same bits', async () => {
    assert.deepEqual(losses(await all(toy())), losses(await all(toy())));
  });

  test('gradients of one step do not leak into the next, nor do those from before the run', async () => {
    const [clean, dirty] = [toy({ steps: 4 }), toy({ steps: 4 })];
    dirty.loss((dirty.batches as Batch[])[1], { training: true }).backward();
    assert.deepEqual(losses(await all(dirty)), losses(await all(clean)));
  });

  test('the loss gets the context for model.call: training, and the rng when there is one', async () => {
    const seen: CallContext[] = [];
    class Spy extends Module {
      readonly inner = new Linear(3, 2, { rng: new Rng(1), dtype: 'float64' });
      call(x: Tensor, context?: CallContext): Tensor {
        seen.push(context as CallContext);
        return this.inner.call(x);
      }
    }
    const model = new Spy();
    const rng = new Rng(2);
    const optimizer = sgd(model.parameters(), { lr: 0.1 });
    const loss = ({ x, y }: Batch, context: CallContext): Tensor => mean(square(sub(model.call(x, context), y)));
    await all(toy({ model, optimizer, loss, steps: 1 }));
    await all(toy({ model, optimizer, loss, steps: 1, rng }));
    assert.deepEqual(seen, [{ training: true }, { training: true, rng }]);
  });
});

describe('hooks', () => {
  test('run before and after every step, in their order, asynchronous ones awaited, and their events come in between', async () => {
    const hook = (name: string, ms: number): Hook<Note> => {
      const tell = async (when: string, step: number): Promise<readonly Note[]> => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return [0, 1].map((i) => ({ type: 'note', text: `${name} ${when} ${step}.${i}` }));
      };
      return { beforeStep: (step) => tell('before', step), afterStep: (step) => tell('after', step) };
    };
    const silent: Hook<Note> = {};
    const sync: Hook<Note> = { beforeStep: (step) => [{ type: 'note', text: `sync ${step}` }] };
    const events = await all(toy({ steps: 2, hooks: [hook('a', 4), silent, sync, hook('b', 0)] }));
    const around = (when: string, step: number, name: string): string[] =>
      [0, 1].map((i) => `${name} ${when} ${step}.${i}`);
    const expected = [0, 1].flatMap((step) => [
      ...around('before', step, 'a'),
      `sync ${step}`,
      ...around('before', step, 'b'),
      `step ${step}`,
      ...around('after', step, 'a'),
      ...around('after', step, 'b'),
    ]);
    assert.deepEqual(spell(events), [...expected, 'done 2']);
  });

  test('a hook acts before the step is computed: what it changes, the loss sees', async () => {
    const options = toy({ steps: 1 });
    const { weight } = (options.model as Sequential)[0] as Linear;
    const zero: Hook<Note> = {
      beforeStep() {
        weight.assign_(weight.detach().mul(0));
        return [];
      },
    };
    const [first] = losses(await all({ ...options, hooks: [zero] }));
    assert.notEqual(first, losses(await all(toy({ steps: 1 })))[0]);
  });
});

describe('how it ends', () => {
  test('no steps: nothing is asked for, nothing changes', async () => {
    const batches = (function* (): Generator<Batch> {
      yield assert.fail('a batch was asked for');
    })();
    assert.deepEqual(spell(await all(toy({ steps: 0, batches }))), ['done 0']);
  });

  test('batches that end early: done, with fewer steps; asynchronous batches work, and no more are drawn than needed', async () => {
    const { batches, ...rest } = toy();
    assert.deepEqual(spell(await all({ ...rest, batches: (batches as Batch[]).slice(0, 2) })).at(-1), 'done 2');
    let drawn = 0;
    const stream = (async function* (): AsyncGenerator<Batch> {
      for (const batch of batches as Batch[]) {
        drawn += 1;
        yield batch;
      }
    })();
    assert.equal(spell(await all({ ...rest, batches: stream, steps: 3 })).at(-1), 'done 3');
    assert.equal(drawn, 3);
  });

  test('an abort stops before the next step; one before the first step stops at once; one after the last changes nothing', async () => {
    for (const [at, end] of [
      [-1, 'aborted 0'],
      [0, 'aborted 1'],
      [4, 'aborted 5'],
      [9, 'done 10'],
    ] as const) {
      const controller = new AbortController();
      if (at < 0) controller.abort();
      const options = toy({ steps: 10, signal: controller.signal });
      const events: TrainEvent<Note>[] = [];
      for await (const event of fit(options)) {
        events.push(event);
        if (event.type === 'step' && event.step === at) controller.abort();
      }
      assert.equal(spell(events).at(-1), end);
      assert.equal(options.optimizer.steps, Math.min(at + 1, 10));
    }
  });

  test('leaving the loop ends the run and closes the batches', async () => {
    let closed = false;
    const { batches, ...rest } = toy();
    const stream = (function* (): Generator<Batch> {
      try {
        yield* batches as Batch[];
      } finally {
        closed = true;
      }
    })();
    for await (const event of fit({ ...rest, batches: stream })) if (event.type === 'step' && event.step === 2) break;
    assert.ok(closed, 'the batches were left open');
    assert.equal(rest.optimizer.steps, 3);
  });

  test('an exception in the loss or in a hook comes through as it is, and closes the batches', async () => {
    const boom = new Error('boom');
    let closed = 0;
    const stream = function* (): Generator<Batch> {
      try {
        yield* toy().batches as Batch[];
      } finally {
        closed += 1;
      }
    };
    const fail = (): never => {
      throw boom;
    };
    await assert.rejects(all(toy({ loss: fail, batches: stream() })), boom);
    await assert.rejects(all(toy({ hooks: [{ afterStep: fail }], batches: stream() })), boom);
    await assert.rejects(all(toy({ hooks: [{ beforeStep: () => Promise.reject(boom) }], batches: stream() })), boom);
    assert.equal(closed, 3);
  });

  test('a number of steps that is not whole is refused', async () => {
    for (const steps of [-1, 1.5, Number.NaN]) await assert.rejects(all(toy({ steps })), DomainError);
  });

  test('timers have their turn during a long run, so a timeout can abort it', async () => {
    const slow: Hook<Note> = {
      afterStep() {
        const until = performance.now() + 3;
        while (performance.now() < until);
        return [];
      },
    };
    const batches = (function* (): Generator<Batch> {
      for (;;) yield (toy().batches as Batch[])[0];
    })();
    let fired = 0;
    const timer = setInterval(() => fired++, 1);
    const events = await all(toy({ batches, steps: 500, signal: AbortSignal.timeout(80), hooks: [slow] }));
    clearInterval(timer);
    assert.equal(events.at(-1)?.type, 'aborted');
    assert.ok(fired > 0, 'an interval of 1 ms had no turn');
  });
});
