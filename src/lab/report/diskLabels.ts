import type { Place } from './diskGeometry.ts';

/** A dot of a picture, in its units. */
export interface Mark extends Place {
  readonly radius: number;
}

/** An upright rectangle of a picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A name with its place beside its mark. */
export interface PlacedLabel {
  /** Which of the marks. */
  readonly mark: number;
  readonly text: string;
  /** Where the base line of the text begins. */
  readonly x: number;
  readonly y: number;
  /** What the text covers. */
  readonly box: Box;
}

/** How labels are placed. */
export interface LabelOptions {
  /** Height of the letters with their lines, in the picture's units. */
  readonly size: number;
  /** No label leaves it. */
  readonly room: Box;
  /** Most labels. */
  readonly most: number;
}

/** Widths in parts of the letters' height that hold for the usual sans-serif fonts; a text is rather too wide than too narrow. */
const narrowLetters = /[ .,:;'’|!()[\]ijlftrI-]/u;
const wideLetters = /[mwMWQO@%]/u;

/** About how wide a text is, in parts of its height. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += narrowLetters.test(letter) ? 0.38 : wideLetters.test(letter) ? 0.95 : 0.62;
  return width;
}

/** Whether two boxes share a place. */
export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Eight directions around a mark. */
const directions: readonly (readonly [number, number])[] = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [0.8, -0.8],
  [0.8, 0.8],
  [-0.8, -0.8],
  [-0.8, 0.8],
];

/** The box of a text of this width beside a mark, in one direction. */
function beside({ x, y, radius }: Mark, width: number, size: number, [across, down]: readonly [number, number]): Box {
  const gap = radius + size * 0.22;
  const left = x + across * gap + (across > 0 ? 0 : across < 0 ? -width : -width / 2);
  const top = y + down * gap + (down > 0 ? 0 : down < 0 ? -size : -size / 2);
  return { left, top, right: left + width, bottom: top + size };
}

const covers = ({ left, right, top, bottom }: Box, { x, y, radius }: Mark): boolean =>
  x + radius > left && x - radius < right && y + radius > top && y - radius < bottom;

/**
 * Names beside marks, none over another, over a mark that has a name, or out of the room. The first marks come first; each takes the
 * free place of eight where the fewest marks are covered, and goes without a name when there is none.
 * @param order marks by importance, the most important first
 */
export function placeLabels(
  marks: readonly Mark[],
  names: readonly string[],
  order: readonly number[],
  { size, room, most }: LabelOptions,
): PlacedLabel[] {
  const placed: PlacedLabel[] = [];
  // Two names on one line need the space of a letter between them.
  const apart = (box: Box): Box => ({ ...box, left: box.left - size * 0.4, right: box.right + size * 0.4 });
  const inside = (box: Box): boolean =>
    box.left >= room.left && box.right <= room.right && box.top >= room.top && box.bottom <= room.bottom;
  for (const mark of order) {
    if (placed.length >= most) break;
    const text = names[mark];
    if (placed.some((one) => covers(one.box, marks[mark]))) continue;
    const width = widthOf(text) * size;
    const boxes = directions
      .map((direction) => beside(marks[mark], width, size, direction))
      .filter(
        (box) => inside(box) && !placed.some((one) => overlap(apart(one.box), box) || covers(box, marks[one.mark])),
      )
      .map((box) => ({ box, covered: marks.reduce((n, one) => n + Number(covers(box, one)), 0) }))
      .sort((a, b) => a.covered - b.covered);
    if (boxes.length === 0) continue;
    const [{ box }] = boxes;
    placed.push({ mark, text, x: box.left, y: box.top + size * 0.78, box });
  }
  return placed;
}
