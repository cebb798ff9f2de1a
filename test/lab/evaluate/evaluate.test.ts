/** Models in tasks and on texts: the numbers are those of the scorer and of the metric, and what cannot be scored is refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { noGrad } from '../../../src/index.ts';
import { evaluateCommand } from '../../../src/lab/evaluate/command.ts';
import { taskScore, textScore } from '../../../src/lab/evaluate/evaluate.ts';
import type { EvaluateResult } from '../../../src/lab/evaluate/results.ts';
import { evaluateTables } from '../../../src/lab/evaluate/tables.ts';
import { type LoadedModel, readModelFolder } from '../../../src/lab/lm/modelFolder.ts';
import type { ChoiceTask } from '../../../src/lab/tasks/choices.ts';
import { evaluateTask } from '../../../src/lab/tasks/evaluateTask.ts';
import { modelScorer } from '../../../src/lab/tasks/modelScorer.ts';
import { readTask } from '../../../src/lab/tasks/readTask.ts';
import { ReportedError } from '../../../src/lab/usage.ts';
import { cpu } from '../../../src/tensor/device.ts';
import { keyOf, rhymes, rhymesFolder, words12, writtenModel } from '../lm/rhymes.ts';
import { inFolder, spectragrad } from '../program.ts';
import { tagsOf } from '../report/wellFormed.ts';
import { folderIn } from '../text/files.ts';

/** Run with a model that was written and read again. */
const withModel = (run: (loaded: LoadedModel, root: string, folder: string) => Promise<void>): Promise<void> =>
  inFolder((root) => {
    const { folder } = writtenModel(root);
    return run(readModelFolder(folder), root, folder);
  });

/** A file of each form. */
const files = {
  'own.jsonl': [
    '{"context":"the cat","choices":["sat","hat on"],"gold":0}',
    '{"context":"a","choices":["mat","ä","on"],"gold":2}',
  ].join('\n'),
  'arc.jsonl':
    '{"question":{"stem":"Who sat?","choices":[{"text":"cat","label":"A"},{"text":"hat","label":"B"},{"text":"mat","label":"C"},{"text":"a","label":"D"}]},"answerKey":"A"}',
  'hella.jsonl':
    '{"activity_label":"Cat","ctx_a":"the cat","ctx_b":"sat","endings":["on","and","a","the"],"label":"1"}',
};

test('taskScore: the task’s accuracies, and the share that guessing gets', () =>
  withModel(async (loaded, root) => {
    const { model, tokenizer } = loaded;
    const task = readTask(join(folderIn(root, 'tasks', files), 'own.jsonl'));
    const found = await taskScore(loaded, task, { batch: 2 });
    const { scores, ...expected } = await evaluateTask(task, modelScorer(model, tokenizer.special.pad), tokenizer);
    assert.deepEqual(found, { ...expected, guess: (1 / 2 + 1 / 3) / 2 });
    const long: ChoiceTask = {
      name: 'long',
      items: [{ context: 'a', choices: ['b', 'the cat sat on the mat and on the hat'], gold: 0 }],
    };
    await assert.rejects(taskScore(loaded, long, {}), (error) => {
      assert.ok(error instanceof ReportedError);
      assert.match(error.message, /^task long: .* tokens, 1\.\.8 can be scored/);
      return true;
    });
  }));

test('textScore: perplexity of all tokens of a text, whatever its length', () =>
  withModel(async (loaded) => {
    const { tokenizer } = loaded;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (length) => {
        const text = rhymes.train[0].slice(0, length);
        const { tokens, bytes, ...found } = await textScore(loaded, { path: 'x/y.txt', text }, cpu);
        assert.deepEqual([tokens, bytes], [tokenizer.encode(text).length + 1, Buffer.byteLength(text)]);
        assert.equal(found.name, 'y.txt');
        const nll = Math.log(found.perToken) * tokens;
        assert.ok(Math.abs(found.bitsPerByte - nll / (bytes * Math.LN2)) <= 1e-9, `${found.bitsPerByte}`);
      }),
      { numRuns: 10 },
    );
    await assert.rejects(textScore(loaded, { path: 'e.txt', text: '' }, cpu), /e\.txt: is empty/);
    // Weights of 0 know nothing: every token is as likely.
    noGrad(() => {
      for (const p of loaded.model.parameters()) p.assign_(p.mul(0).detach());
    });
    const { perToken } = await textScore(loaded, { path: 'y.txt', text: 'the cat sat on the mat' }, cpu);
    assert.ok(Math.abs(perToken - tokenizer.size) <= 1e-3, `${perToken}`);
  }));

test('evaluateTables: a row for each model and what it was asked; nothing for what it was not', () => {
  const share = { mean: 0.25, error: 0.1 };
  const own = { name: 'own', count: 2, acc: share, accNorm: { mean: 1, error: null }, guess: 0.5 };
  const models = ['a', 'b'].map((name) => ({ name, parameters: 1, tasks: [own], texts: [] }));
  const [table, ...more] = evaluateTables(models);
  assert.equal(more.length, 0);
  assert.deepEqual(
    table.rows,
    ['a', 'b'].map((name) => [name, 'own', '2', '25.00% ± 10.00', '100.00%', '50.00%']),
  );
});

test('spectragrad evaluate: tasks of every form and a text, for two models; what is wrong with a file is one line', () =>
  withModel(async (loaded, root, folder) => {
    const other = writtenModel(root, keyOf('sst'), { model: 'llama' }).folder;
    const tasks = folderIn(root, 'tasks', files);
    const text = join(folderIn(root, 'texts', { 'held.txt': rhymes.test[0] }), 'held.txt');
    const names = Object.keys(files).map((name) => join(tasks, name));
    const asked = ['--task', `${names.join(',')}:hellaswag`, '--text', text];
    const out = join(root, 'report');
    const args = ['--model-dir', `${folder},${other}`, ...asked, '--out', out];
    const { code, out: said, err } = await spectragrad(['evaluate', ...args, '--json']);
    assert.equal(code, 0, err);
    const result = JSON.parse(said) as EvaluateResult;
    const { models } = result;
    assert.deepEqual(JSON.parse(readFileSync(join(out, 'evaluate.json'), 'utf8')), result);
    const page = readFileSync(join(out, 'evaluate.html'), 'utf8');
    assert.ok(!tagsOf(page).includes('script') && page.includes('acc_norm') && page.includes('Perplexity'));
    assert.deepEqual(
      models.map(({ name }) => name),
      ['full-1', 'sst-r2-1'],
    );
    for (const { tasks: scores, texts } of models) {
      assert.deepEqual(
        scores.map(({ name, count, guess }) => [name, count, guess]),
        [
          ['own', 2, (1 / 2 + 1 / 3) / 2],
          ['arc', 1, 1 / 4],
          ['hella', 1, 1 / 4],
        ],
      );
      assert.deepEqual(
        texts.map(({ name, bytes }) => [name, bytes]),
        [['held.txt', Buffer.byteLength(rhymes.test[0])]],
      );
    }
    const { name, ...score } = await textScore(loaded, { path: text, text: rhymes.test[0] }, cpu);
    assert.deepEqual(models[0].texts[0], { name, ...score });
    await assert.rejects(evaluateCommand(['--model-dir', tasks, '--text', text]), /tasks\/config\.json: no such file/);
    await assert.rejects(evaluateCommand([...args, '--text', 'nowhere.txt']), /nowhere\.txt: cannot be read/);
  }));

test('spectragrad evaluate: trains models as lm does, then asks them; --from asks the same ones again', () =>
  inFolder(async (root) => {
    const out = join(root, 'report');
    const tasks = folderIn(root, 'tasks', files);
    const asked = ['--task', join(tasks, 'own.jsonl'), '--text', join(rhymesFolder(root), 'test.txt')];
    const lm = ['--data', join(root, 'rhymes'), ...words12, '--method', 'full,sst', '--out', out];
    const first = await spectragrad(['evaluate', ...asked, ...lm, '--json']);
    assert.equal(first.code, 0, first.err);
    const { models } = JSON.parse(first.out) as EvaluateResult;
    assert.deepEqual(
      models.map(({ name }) => name),
      ['full-1', 'sst-r2-1'],
    );
    const again = await spectragrad(['evaluate', '--from', out, ...asked, '--json']);
    assert.equal(again.code, 0, again.err);
    assert.deepEqual((JSON.parse(again.out) as EvaluateResult).models, models);
    await assert.rejects(evaluateCommand(['--from', out, '--task', join(tasks, 'none.jsonl')]), /none\.jsonl/);
  }));
