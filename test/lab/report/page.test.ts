import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderReport } from '../../../src/lab/report/comparePage.ts';
import { accuracyText, interruption, lossSeries, summaryTable } from '../../../src/lab/report/summary.ts';
import type { CompareResult, MethodResult } from '../../../src/lab/results.ts';
import { renderTable } from '../../../src/lab/terminal/table.ts';
import { tagsOf } from './wellFormed.ts';

const number = fc.oneof(fc.double(), fc.double({ min: 0, max: 3, noNaN: true }), fc.constant(Number.NaN));
const values = fc.array(number, { maxLength: 12 });
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('full', 'sst', 'lora', 'relora', 'galore'),
);

const method: fc.Arbitrary<MethodResult> = fc.record({
  method: word,
  label: word,
  learningRate: number,
  rank: fc.option(fc.nat(64)),
  seeds: fc.integer({ min: 1, max: 5 }),
  curve: fc.array(fc.record({ step: fc.nat(2000), loss: number }), { maxLength: 20 }),
  accuracy: fc.record({ mean: number, std: fc.option(number) }),
  trainable: fc.nat(),
  total: fc.nat(),
  optimizerBytes: fc.nat(),
  weightBytes: fc.nat(),
  msPerStep: number,
  mergeError: fc.option(number),
  spectra: fc.array(fc.record({ layer: word, before: values, after: values }), { maxLength: 2 }),
  stepsDone: fc.nat(2000),
  finished: fc.boolean(),
});

const result: fc.Arbitrary<CompareResult> = fc.record({
  title: word,
  command: word,
  seed: fc.integer(),
  steps: fc.nat(2000),
  data: word,
  model: word,
  date: word,
  versions: fc.dictionary(word, word, { maxKeys: 3 }),
  interrupted: fc.boolean(),
  methods: fc.array(method, { maxLength: 4 }),
});

/** The result with every text changed by `change`, and every number as it is. */
function withTexts(input: CompareResult, change: (text: string) => string): CompareResult {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(input) as CompareResult;
}

test('any result makes a page: well-formed, whatever its texts are and whichever numbers are missing', () => {
  fc.assert(fc.property(result, (input) => void tagsOf(renderReport(input))));
});

test('no text of a result becomes markup', () => {
  const attack = `"'><script>alert(1)</script><img src=x onerror=y>&lt;]]></style><!--`;
  fc.assert(
    fc.property(result, (input) => {
      const plain = renderReport(withTexts(input, (text) => `${text}x`));
      const attacked = renderReport(withTexts(input, (text) => `${text}x${attack}`));
      assert.deepEqual(tagsOf(attacked), tagsOf(plain));
      assert.doesNotMatch(attacked, /<script|<img|<!--|onerror=y>/);
    }),
  );
});

test('a page needs nothing from outside and runs nothing', () => {
  fc.assert(
    fc.property(result, (input) => {
      const names = new Set(tagsOf(renderReport(withTexts(input, () => 'x'))));
      for (const name of ['script', 'link', 'img', 'iframe', 'object', 'image', 'use', 'a'])
        assert.ok(!names.has(name), name);
      assert.doesNotMatch(renderReport(withTexts(input, () => 'x')), /https?:|url\(|@import|\ssrc=|\shref=/);
    }),
  );
});

test('numbers that are missing or not finite reach neither a picture nor a reader', () => {
  fc.assert(
    fc.property(result, (input) => {
      const page = renderReport(withTexts(input, () => 'x'));
      assert.doesNotMatch(page, /NaN|Infinity|undefined|null/);
      for (const [picture] of page.matchAll(/<svg.*?<\/svg>/gs)) {
        assert.doesNotMatch(picture, / (?:[xy][12]?|c[xy]|d|width|height|r|rx)="[^"]*(?:NaN|Infinity|undefined|e[+-])/);
        assert.match(picture, /^<svg [^>]*aria-label="[^"]+"/);
      }
    }),
  );
});

test('the header holds what is needed to repeat the run', () => {
  fc.assert(
    fc.property(result, (input) => {
      const named = {
        ...input,
        command: 'npx c --seed 7',
        seed: 7,
        data: 'D1',
        model: 'M1',
        versions: { node: 'v20' },
      };
      const page = renderReport(named);
      for (const part of ['npx c --seed 7', '>7</dd>', 'D1', 'M1', 'node v20']) assert.ok(page.includes(part), part);
    }),
  );
});

test('a run cut short says so, and a complete one does not', () => {
  fc.assert(
    fc.property(result, (input) => {
      const complete = !input.interrupted && input.methods.every((one) => one.finished);
      const note = interruption(input);
      assert.equal(note === null, complete);
      assert.equal(renderReport(input).includes('role="note"'), !complete);
      for (const one of input.methods.filter((one) => !one.finished)) assert.ok(note?.includes(one.label));
    }),
  );
});

test('summary tables have a row for each method, and the short one fits 80 columns for ordinary numbers', () => {
  fc.assert(
    fc.property(fc.array(method), fc.constantFrom('short' as const, 'long' as const), (methods, extent) => {
      const table = summaryTable(methods, extent);
      assert.deepEqual(
        table.rows.map((row) => row[0]),
        methods.map((one) => one.label),
      );
      for (const row of table.rows) assert.equal(row.length, table.columns.length);
      assert.equal(lossSeries(methods).length, methods.length);
    }),
  );
  const usual = {
    ...fc.sample(method, { numRuns: 1, seed: 1 })[0],
    label: 'ReLoRA*',
    rank: 16,
    curve: [{ step: 1, loss: 0.1234 }],
  };
  const numbers = {
    accuracy: { mean: 0.9712, std: null },
    trainable: 1182820,
    optimizerBytes: 946256,
    msPerStep: 12.3,
    mergeError: 2e-7,
  };
  const text = renderTable(summaryTable([{ ...(usual as MethodResult), ...numbers }], 'short'));
  assert.ok(
    text.split('\n').every((line) => line.length <= 80),
    text,
  );
});

test('accuracy shows a spread exactly when there is one', () => {
  const of = (mean: number, std: number | null): string => accuracyText({ accuracy: { mean, std } } as MethodResult);
  assert.equal(of(0.97306, null), '97.31%');
  assert.equal(of(0.97306, 0.0012), '97.31% ± 0.12');
  assert.equal(of(Number.NaN, 0.0012), '–');
});
