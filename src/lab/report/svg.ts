/** A piece of finished HTML or SVG. Plain strings are text and get escaped; only this goes into the page as it is. */
export interface Markup {
  readonly markup: string;
}

/** What can stand inside an element: text, finished elements, lists of them, or nothing. */
export type Child = Markup | string | number | null | readonly Child[];

/** Attribute values; null leaves the attribute out, numbers are rounded to hundredths. */
export type Attributes = Readonly<Record<string, string | number | null>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for element content and for quoted attributes; characters that HTML and XML forbid become U+FFFD. */
export function escapeText(text: string): string {
  // Allowed control characters: tab, line feed, carriage return.
  return text
    .replace(/[^\t\n\r\P{Cc}]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter] as string);
}

/** An element with escaped attributes and children. Names are written by the programmer, never taken from data. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escapeText(String(value))}"`)
    .join('');
  const inside = children.map(inner).join('');
  return { markup: inside === '' && EMPTY.has(name) ? `<${name}${list}/>` : `<${name}${list}>${inside}</${name}>` };
}

/** Elements that may be written without an end tag: HTML's void ones, and SVG's shapes. */
const EMPTY: ReadonlySet<string> = new Set(['br', 'meta', 'path', 'line', 'rect', 'circle', 'polyline']);

function inner(child: Child): string {
  if (child === null) return '';
  if (typeof child === 'string') return escapeText(child);
  if (typeof child === 'number') return rounded(child);
  return 'markup' in child ? child.markup : child.map(inner).join('');
}

/** A number for an attribute, rounded to hundredths: `12.5`. NaN and infinities, which no attribute takes, become 0. */
export function rounded(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100 + 0) : '0';
}

/** The outer element of a picture: scales with its container, and is read out as one image with this description. */
export function picture(width: number, height: number, description: string, ...children: readonly Child[]): Markup {
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': description };
  return element('svg', attributes, ...children);
}

/** Text in a picture at (x, y). */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): Markup {
  return element('text', { x, y, ...attributes }, text);
}

/** A `d` attribute that joins points by straight lines; a single point becomes a dot under a round line cap. */
export function pathOf(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first] = points;
  if (first === undefined) return '';
  if (points.length === 1) return `M${rounded(first.x)} ${rounded(first.y)}h0`;
  return `M${points.map((point) => `${rounded(point.x)} ${rounded(point.y)}`).join('L')}`;
}

/** `text` cut to at most `length` letters, its last an ellipsis when anything was cut. */
export function shorten(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join('')}…`;
}
