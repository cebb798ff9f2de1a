import type { Table } from '../terminal/table.ts';
import { styleSheet } from './style.ts';
import { type Child, element, type Markup } from './svg.ts';

/** The top of a report: what was done, and how to do it again. */
export interface Heading {
  readonly title: string;
  /** One sentence: the model and the data. */
  readonly lead: string;
  /** What a reader must know before the numbers, such as an interruption; null when there is nothing. */
  readonly note: string | null;
  /** The command line that repeats the run. */
  readonly command: string;
  /** Names and values, in order. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/**
 * A report: one HTML page with its style and pictures inside, which needs no script, loads nothing, and can be mailed, printed
 * or opened from a disk. Every text is escaped.
 * @param sections what stands below the heading, in order; see `section`
 * @param numbers the file beside the page that holds what it shows.
 */
export function renderPage(heading: Heading, sections: readonly Child[], numbers = 'metrics.jsonl'): string {
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, heading.title),
    element('style', {}, { markup: styleSheet() }),
  );
  const footer = `The numbers of this page are in ${numbers}, written beside it.`;
  const body = element('body', {}, element('main', {}, header(heading), sections, element('footer', {}, footer)));
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, body).markup}\n`;
}

function header({ title, lead, note, command, facts }: Heading): Markup {
  return element(
    'header',
    {},
    element('h1', {}, title),
    element('p', { class: 'lead' }, lead),
    note === null ? null : element('p', { class: 'note', role: 'note' }, note),
    element('pre', { 'aria-label': 'Command' }, element('code', {}, command)),
    element(
      'dl',
      {},
      facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}

/** Versions of the programs of a run, as one fact of a heading. */
export const versionsText = (versions: Readonly<Record<string, string>>): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(' · ');

/** A part of a report: its title, a caption that says what is shown, and what is. */
export function section(title: string, caption: Child, ...content: readonly Child[]): Markup {
  return element('section', {}, element('h2', {}, title), element('p', { class: 'caption' }, caption), ...content);
}

/** A picture under its title. */
export const figure = (title: string, content: Markup): Markup =>
  element('figure', {}, element('figcaption', {}, title), content);

/**
 * A table that scrolls sideways where it is too wide; the first cell of a row is its heading.
 * @param name read out in place of a caption
 * @param slots a colour for each row (see `slotsOf`), shown before its heading; none when left out
 */
export function tableOf(table: Table, name: string, slots: readonly number[] = []): Markup {
  const side = (c: number): string | null => (table.columns[c]?.align === 'left' ? 'left' : null);
  const heads = table.columns.map((column, c) => element('th', { scope: 'col', class: side(c) }, column.title));
  const rows = table.rows.map(([first = '', ...cells], i) => {
    const swatch = slots[i] === undefined ? null : element('span', { class: `swatch c${slots[i]}` });
    return element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'left' }, swatch, first),
      cells.map((cell, c) => element('td', { class: side(c + 1) }, cell)),
    );
  });
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name },
    element('table', {}, element('thead', {}, element('tr', {}, heads)), element('tbody', {}, rows)),
  );
}
