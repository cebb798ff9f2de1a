/** Where text is written; `process.stdout` and `process.stderr` are such streams. */
export interface TextStream {
  write(text: string): unknown;
  /** True on a terminal, where a line can be rewritten. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

/** The environment variables that matter to output. */
export interface OutputEnv {
  /** Set and not empty: no colour. @source no-color.org */
  readonly NO_COLOR?: string | undefined;
  /** `dumb`: no colour. */
  readonly TERM?: string | undefined;
}

/** Whether a stream should get colour: it is a terminal, and the environment does not ask for none. */
export function wantsColour(stream: TextStream, env: OutputEnv): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Codes of the 256-colour set nearest to the report's colours, slot by slot; 39 is the terminal's own ink. */
const CODES = ['39', '38;5;166', '38;5;32', '38;5;36', '38;5;169', '38;5;172', '38;5;74', '38;5;142'] as const;

/** `text` in the colour of a slot (see `slotsOf`), then back to normal. */
export function paint(text: string, slot: number): string {
  return text === '' ? '' : `\x1b[${CODES[slot % CODES.length]}m${text}\x1b[39m`;
}
