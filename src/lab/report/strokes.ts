import type { Scale } from './scale.ts';

/** A point in the units of the data. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A named curve; points in drawing order. A point that is not drawable (NaN, infinite) makes a gap. */
export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
  /** Which colour; see `slotsOf`. */
  readonly slot: number;
}

/** Points to be joined by a line, in unit coordinates: (0, 0) is the lower left corner of the plot, (1, 1) the upper right. */
export type Stroke = readonly Point[];

/** The unbroken stretches of a curve, mapped by two scales into the unit square. */
export function strokes(points: readonly Point[], x: Scale, y: Scale): Stroke[] {
  const found: Point[][] = [];
  let open: Point[] | null = null;
  for (const point of points) {
    const mapped = { x: x.at(point.x), y: y.at(point.y) };
    if (Number.isNaN(mapped.x) || Number.isNaN(mapped.y)) {
      open = null;
    } else if (open === null) {
      open = [mapped];
      found.push(open);
    } else {
      open.push(mapped);
    }
  }
  return found;
}

/**
 * A stroke with ascending x reduced to at most four points per 1/`columns` of the width: the first, lowest, highest
 * and last. At that resolution the picture stays the same, spikes included.
 */
export function thin(stroke: Stroke, columns: number): Stroke {
  if (stroke.length <= 2 * columns) return stroke;
  const kept: Point[] = [];
  let start = 0;
  while (start < stroke.length) {
    const column = columnOf(stroke[start] as Point, columns);
    let end = start + 1;
    while (end < stroke.length && columnOf(stroke[end] as Point, columns) === column) end++;
    kept.push(...envelope(stroke, start, end));
    start = end;
  }
  return kept;
}

const columnOf = (point: Point, columns: number): number => Math.floor(point.x * columns);

/** First, lowest, highest and last of stroke[start..end), in order and each once. */
function envelope(stroke: Stroke, start: number, end: number): Point[] {
  let low = start;
  let high = start;
  for (let i = start; i < end; i++) {
    if ((stroke[i] as Point).y < (stroke[low] as Point).y) low = i;
    if ((stroke[i] as Point).y > (stroke[high] as Point).y) high = i;
  }
  const indices = [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
  return indices.map((i) => stroke[i] as Point);
}
