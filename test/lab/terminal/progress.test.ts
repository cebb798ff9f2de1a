import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { type OutputEnv, wantsColour } from '../../../src/lab/terminal/colour.ts';
import { type ProgressOptions, progress } from '../../../src/lab/terminal/progress.ts';
import { displayWidth } from '../../../src/lab/terminal/width.ts';

interface Run {
  readonly written: string[];
  readonly writtenAt: number[];
}

/** A loop of `steps` steps (of `total`), `ms` each, the loss of step i being 1/i. */
function run(
  isTTY: boolean,
  steps: number,
  ms: number,
  more: Partial<ProgressOptions> & { columns?: number; note?: string } = {},
): Run {
  const { columns = 80, note, ...options } = more;
  let time = 1000;
  const written: string[] = [];
  const writtenAt: number[] = [];
  const write = (text: string): void => {
    written.push(text);
    writtenAt.push(time);
  };
  const stream = { write, isTTY, columns };
  const report = progress({ label: 'SST', total: steps, stream, now: () => time, env: {}, ...options });
  for (let step = 1; step <= steps; step++) {
    time += ms;
    report.update(step, 1 / step);
  }
  report.done(note);
  report.done(note);
  report.update(steps, 1);
  return { written, writtenAt };
}

const steps = fc.integer({ min: 1, max: 400 });
const ms = fc.double({ min: 0.1, max: 3000, noNaN: true });

/** What a terminal shows after `text`, line by line: a carriage return goes back to the line's beginning. */
function shown(text: string): string[] {
  return text.split('\n').map((line) => {
    let screen: string[] = [];
    for (const part of line.split('\r')) screen = [...part, ...screen.slice([...part].length)];
    return screen.join('').trimEnd();
  });
}

test('plain output: whole lines, none twice, at most one every few seconds, the last for the last step', () => {
  fc.assert(
    fc.property(steps, ms, (count, each) => {
      const { written, writtenAt } = run(false, count, each);
      for (const text of written) assert.match(text, /^SST {2}step +\d+\/\d+ .*[^ ]\n$/);
      const numbers = written.map((text) => Number(/step +(\d+)/.exec(text)?.[1]));
      assert.equal(new Set(numbers).size, numbers.length);
      assert.equal(numbers.at(-1), count);
      for (const [i, at] of writtenAt.slice(0, -1).entries()) assert.ok(at - (writtenAt[i - 1] ?? 1000) >= 5000 - 1e-6);
      assert.ok(written.length <= (count * each) / 5000 + 1);
    }),
  );
});

test('a terminal shows one line, rewritten within its width, and the last state at the end', () => {
  fc.assert(
    fc.property(steps, ms, fc.integer({ min: 1, max: 120 }), (count, each, columns) => {
      const { written } = run(true, count, each, { columns });
      const text = written.join('');
      assert.equal(text.split('\n').length, 2);
      assert.ok(text.endsWith('\n') && !text.includes('\x1b[K'));
      const frames = written.slice(0, -1).map((frame) => stripVTControlCharacters(frame));
      assert.equal(frames.length, written.length - 1);
      for (const frame of frames)
        assert.ok(frame.startsWith('\r') && displayWidth(frame) <= Math.max(2, columns), frame);
      if (columns >= 80)
        assert.match(
          shown(stripVTControlCharacters(text))[0] ?? '',
          new RegExp(`█{24} {2}${count}/${count} {2}loss \\S+ {2}\\S`),
        );
    }),
  );
});

test('a shorter frame leaves nothing of a longer one behind', () => {
  const { written } = run(true, 60, 3000, { env: { NO_COLOR: '1' }, note: 'x' });
  for (let i = 1; i < written.length; i++) {
    const screen = shown(written.slice(0, i).join(''))[0];
    assert.equal(screen, (written[i - 1] as string).slice(1).trimEnd());
  }
});

test('the time left is what the rest takes at the speed so far', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 300 }), fc.integer({ min: 1, max: 200 }), (count, seconds) => {
      const { written } = run(false, count, seconds * 1000, { every: 0 });
      assert.doesNotMatch(written[0] as string, /left/); // one step tells no speed
      written.slice(1, -1).forEach((text, i) => {
        const left = (count - (i + 2)) * seconds;
        const [, h = '0', min = '0', s = '0'] =
          /(?:([\d,]+) h )?(?:(\d+) min ?)?(?:([\d.]+) s )?left$/m.exec(text) ?? assert.fail(text);
        const said = Number(h.replaceAll(',', '')) * 3600 + Number(min) * 60 + Number(s);
        assert.ok(Math.abs(said - left) <= (left >= 3600 ? 31 : 0.5), `${text}: ${left} s`);
      });
      assert.doesNotMatch(written.at(-1) as string, /left/);
    }),
  );
});

test('steps done before a run was resumed do not count as speed', () => {
  let time = 0;
  const lines: string[] = [];
  const stream = { write: (part: string) => lines.push(part) };
  const report = progress({ label: 'SST', total: 1000, stream, now: () => time, env: {}, every: 0 });
  report.update(900);
  time = 10_000;
  report.update(910);
  assert.match(lines.at(-1) ?? '', /step {2}910\/1000 {2}1 min 30 s left\n/);
});

test('an interrupted loop ends its line with the note, and a loop without steps ends too', () => {
  const lines: string[] = [];
  const stream = { write: (part: string) => lines.push(part) };
  const report = progress({ label: 'a\nb', total: 100, stream, now: () => 0, env: {} });
  report.update(40, Number.NaN);
  report.done('interrupted\x1b[2J');
  assert.equal(lines.join(''), 'a b  step  40/100  loss –  0 ms  interrupted [2J\n');
  for (const isTTY of [true, false]) {
    const { written } = run(isTTY, 0, 1, { env: { NO_COLOR: '1' } });
    assert.match(written.join(''), /0\/0 {2}0 ms *\n$/);
  }
});

test('colour only on a terminal, and not when the environment asks for none', () => {
  const has = (isTTY: boolean, env: OutputEnv): boolean =>
    run(isTTY, 5, 100, { env }).written.join('').includes('\x1b');
  assert.deepEqual(
    [has(true, {}), has(false, {}), has(true, { NO_COLOR: '1' }), has(true, { TERM: 'dumb' })],
    [true, false, false, false],
  );
  assert.equal(wantsColour({ write: () => true, isTTY: true }, { NO_COLOR: '' }), true);
});
