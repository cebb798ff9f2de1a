/** Every training method under the same laws, and the paper's toy: a linear teacher that LoRA cannot reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, Rng, randn, square, sub, type Tensor } from '../../src/index.ts';
import { adam, fit, Linear, Sequential } from '../../src/nn/index.ts';
import { convert, dora, full, galore, lora, type MethodChoice, pissa, relora, sst, vera } from '../../src/sst/index.ts';
import { checkMethod } from '../harness/method.ts';

checkMethod({ name: 'full', make: full, random: false, trains: ['weight'], keeps: [] });
checkMethod({
  name: 'sst',
  make: ({ rank, rng, interval }) => sst({ rank, rng, stepsPerIteration: interval, iterationsPerRound: 2, warmup: 2 }),
  random: true,
  trains: ['utActive', 'sigma', 'vtActive'],
  keeps: ['utFrozen', 'vtFrozen'],
});
checkMethod({
  name: 'lora',
  make: lora,
  random: true,
  trains: ['loraA', 'loraB'],
  keeps: ['weight'],
});
checkMethod({
  name: 'relora',
  make: ({ rank, rng, interval }) => relora({ rank, rng, mergeInterval: interval, warmup: 2 }),
  random: true,
  trains: ['loraA', 'loraB'],
  keeps: ['weight'],
});
checkMethod({
  name: 'galore',
  make: ({ rank, interval }) => galore({ rank, refreshInterval: interval }),
  random: false,
  trains: ['weight'],
  keeps: [],
});

for (const along of ['columns', 'rows'] as const)
  checkMethod({
    name: 'dora',
    make: ({ rank, rng }) => dora({ rank, rng, along }),
    random: true,
    trains: ['loraA', 'loraB', 'magnitude'],
    keeps: ['weight'],
  });
checkMethod({
  name: 'vera',
  make: vera,
  random: true,
  trains: ['d', 'b'],
  keeps: ['weight', 'sharedA', 'sharedB'],
});
checkMethod({
  name: 'pissa',
  make: pissa,
  random: false,
  trains: ['loraA', 'loraB'],
  keeps: ['weight'],
});

/** Mean squared error of a 12×20 student after Adam on the outputs of a linear teacher (PAPER 4.5, note 5). */
async function student(choice: (rng: Rng) => MethodChoice, steps: number): Promise<number> {
  const rng = new Rng(1);
  const f64 = { dtype: 'float64' } as const;
  const teacher = new Linear(20, 12, { rng, bias: false, ...f64 });
  teacher.weight.assign_(randn([12, 20], rng, f64));
  const model = new Sequential(new Linear(20, 12, { rng, bias: false, ...f64 }));
  const plan = convert(model, choice(rng));
  const optimizer = adam(plan.groups(), { lr: 0.02 });
  const batches = (function* (): Generator<Tensor> {
    for (;;) yield randn([32, 20], rng, f64);
  })();
  const loss = (x: Tensor): Tensor => mean(square(sub(model.call(x), teacher.call(x).detach())));
  let last = Number.POSITIVE_INFINITY;
  for await (const event of fit({ model, optimizer, loss, batches, steps, hooks: [plan.hook(optimizer)] }))
    if (event.type === 'step') last = event.loss;
  return last;
}

test('a 12×20 linear teacher, r = 3, 600 steps of Adam: SST gets below a tenth of what LoRA is stuck at', async () => {
  const short = { rank: 3, warmup: 5 } as const;
  const spectral = await student((rng) => ({ method: 'sst', rng, stepsPerIteration: 30, ...short }), 600);
  const adapter = await student((rng) => ({ method: 'lora', rng, rank: 3 }), 600);
  assert.ok(adapter > 1 && spectral < adapter / 10, `SST ${spectral}, LoRA ${adapter}`);
});
