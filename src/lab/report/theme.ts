/** Number of colour slots; a ninth method would share the first one's colour. */
export const SLOTS = 8;

/** Methods with a colour of their own, in the report and in the terminal, whichever of them take part. */
const NAMED: readonly string[] = ['full', 'sst', 'lora', 'relora', 'galore'];

/**
 * A colour slot for each of these methods: the usual five, and variants of them (`lora-4`), have colours of their own; others take in
 * order the slots that are left, from the first again when there are none.
 */
export function slotsOf(methods: readonly string[]): number[] {
  const fixed = methods.map((method) => NAMED.indexOf(method.split('-')[0]));
  const all = Array.from({ length: SLOTS }, (_, slot) => slot);
  const free = all.filter((slot) => !fixed.includes(slot));
  let next = 0;
  return fixed.map((slot) => (slot >= 0 ? slot : free[next++ % free.length]));
}

/**
 * Colours by slot, on light and on dark ground: ink for full training, then the Okabe–Ito set, told apart with every
 * common form of colour blindness; its lightest members are darkened on white to a contrast of at least 3 : 1.
 * @source Okabe & Ito, "Color universal design", 2008.
 */
const LIGHT = ['#33383f', '#d55e00', '#0072b2', '#00895f', '#b8558f', '#a87900', '#2f86b8', '#7b7300'] as const;
const DARK = ['#d7dce3', '#f0803c', '#56b4e9', '#2fc795', '#e093c0', '#e6b23c', '#8fc7ee', '#d9cf4a'] as const;

/**
 * Colours of a scale that has an order, such as the depth in a tree, from the first step to the last, on light and on dark ground;
 * every one has a contrast of at least 3 : 1 to it. Violet to yellow, as in the palettes made for colour blindness.
 */
const LIGHT_DEPTHS = ['#1d0f7a', '#5b02a3', '#920fa3', '#bb2d84', '#d2475f', '#d9622c', '#b97700', '#7f8400'] as const;
const DARK_DEPTHS = ['#f7f65a', '#fdc328', '#f89540', '#ec7050', '#dd5577', '#cd4f9b', '#b45bd0', '#8f78f2'] as const;

/** Number of steps of the scale of depths. */
export const depthColours: number = LIGHT_DEPTHS.length;

const LIGHT_GROUND = {
  page: '#ffffff',
  panel: '#f6f7f9',
  ink: '#1b1f24',
  soft: '#5a636e',
  line: '#d5dae0',
  faint: '#e9ecef',
  before: '#8b949e',
  note: '#fff4d6',
  'note-line': '#d9a400',
} as const;

const DARK_GROUND: Readonly<Record<keyof typeof LIGHT_GROUND, string>> = {
  page: '#14171b',
  panel: '#1c2026',
  ink: '#e6e9ed',
  soft: '#9aa4b0',
  line: '#38404a',
  faint: '#262c33',
  before: '#7d8793',
  note: '#33290f',
  'note-line': '#b88a00',
};

const numbered = (letter: string, colours: readonly string[]): Record<string, string> =>
  Object.fromEntries(colours.map((colour, i) => [`${letter}${i}`, colour]));

const variables = (...palettes: readonly Readonly<Record<string, string>>[]): string =>
  palettes
    .flatMap(Object.entries)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

/** The style sheet's colours: light, dark where the reader prefers it, always light on paper. */
export function colourRules(): string {
  const names = [...Object.keys(numbered('c', LIGHT)), ...Object.keys(numbered('d', LIGHT_DEPTHS))];
  const slots = names.map((name) => `.${name}{--c:var(--${name})}`).join('');
  const light = variables(LIGHT_GROUND, numbered('c', LIGHT), numbered('d', LIGHT_DEPTHS));
  const dark = variables(DARK_GROUND, numbered('c', DARK), numbered('d', DARK_DEPTHS));
  return `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
@media print{:root{color-scheme:light}}
${slots}`;
}
