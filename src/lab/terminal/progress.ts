import { type OutputEnv, paint, type TextStream, wantsColour } from './colour.ts';
import { formatDuration, formatNumber } from './format.ts';
import { cut, displayWidth, oneLine, pad } from './width.ts';

/** What a progress reporter reports on, and where. */
export interface ProgressOptions {
  /** What is running, such as `SST`. */
  readonly label: string;
  /** Steps in all. */
  readonly total: number;
  readonly stream: TextStream;
  /** Milliseconds since any fixed moment (default `performance.now`). */
  readonly now?: () => number;
  /** Default `process.env`. */
  readonly env?: OutputEnv;
  /** Colour of the bar; see `slotsOf`. */
  readonly slot?: number;
  /** Least time between two plain lines where the stream is no terminal, in milliseconds (default 5000). */
  readonly every?: number;
}

/** A running report of one loop. */
export interface Progress {
  /** `step` steps are done; `loss` is the latest one, where there is one, `speed` in words. Cheap: most calls write nothing. */
  update(step: number, loss?: number, speed?: string): void;
  /** Writes the last state, with `note` if given, and ends the line. Later calls of either function do nothing. */
  done(note?: string): void;
}

interface State {
  step: number;
  loss: number | undefined;
  speed: string | undefined;
  /** Clock and step at the first update: steps of a run that was resumed, or slow first steps, do not count. */
  first: { readonly time: number; readonly step: number } | null;
}

const FRAME = 80;
const BAR = 24;

/**
 * Reports the progress of a loop: on a terminal one line that is rewritten, elsewhere (a file, a pipe, CI) a plain line
 * every few seconds and one at the end. Nothing is written twice, and no escape code is used but the bar's colour.
 */
export function progress(options: ProgressOptions): Progress {
  const { total, stream, now = () => performance.now(), every = 5000 } = options;
  const live = stream.isTTY === true;
  const show = live ? rewriter(options) : plainWriter(options);
  const state: State = { step: 0, loss: undefined, speed: undefined, first: null };
  const began = now();
  let shown = live ? Number.NEGATIVE_INFINITY : began;
  let closed = false;
  return {
    update(step, loss, speed) {
      if (closed) return;
      const time = now();
      state.first ??= { time, step };
      state.step = step;
      state.loss = loss ?? state.loss;
      state.speed = speed ?? state.speed;
      // The last state is for `done` to write.
      if (time - shown < (live ? FRAME : every) || step >= total) return;
      shown = time;
      show(state, timeLeft(state, total, time));
    },
    done(note) {
      if (closed) return;
      closed = true;
      show(state, [formatDuration(now() - began), ...(note === undefined ? [] : [oneLine(note)])].join('  '));
      if (live) stream.write('\n');
    },
  };
}

type Show = (state: State, tail: string) => void;

function plainWriter(options: ProgressOptions): Show {
  return (state, tail) =>
    options.stream.write(`${oneLine(options.label)}  step ${facts(options.total, state, tail)}\n`);
}

/** Writes over the line before, with spaces where that one was longer. */
function rewriter(options: ProgressOptions): Show {
  const { stream, total, slot = 1, env = process.env } = options;
  const colour = wantsColour(stream, env);
  const label = pad(oneLine(options.label), 8, 'left');
  let width = 0;
  return (state, tail) => {
    const line = `${label} ${bar(total > 0 ? state.step / total : 1)}  ${facts(total, state, tail)}`;
    const text = cut(line, Math.max(1, (stream.columns || 80) - 1));
    const rest = ' '.repeat(Math.max(0, width - displayWidth(text)));
    width = displayWidth(text);
    const start = label.length + 1;
    const end = start + BAR;
    const shown = colour ? text.slice(0, start) + paint(text.slice(start, end), slot) + text.slice(end) : text;
    stream.write(`\r${shown}${rest}`);
  };
}

function bar(share: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

/** Time left at the mean speed since the first update, in words; empty while there is nothing to go by, and at the end. */
function timeLeft({ step, first }: State, total: number, time: number): string {
  const done = first === null ? 0 : step - first.step;
  if (first === null || done <= 0 || step >= total) return '';
  return `${formatDuration(((time - first.time) / done) * (total - step))} left`;
}

/** Steps, loss, speed, and what follows. */
function facts(total: number, { step, loss, speed = '' }: State, tail: string): string {
  const count = `${pad(String(step), String(total).length, 'right')}/${total}`;
  const parts = [count, ...(loss === undefined ? [] : [`loss ${formatNumber(loss, 4)}`]), speed, tail];
  return parts.filter((part) => part !== '').join('  ');
}
