import { ShapeError } from '../../tensor/errors.ts';
import { geodesicCircle, moved, type Place } from './diskGeometry.ts';
import { type Box, type Mark, placeLabels } from './diskLabels.ts';
import { styleSheet } from './style.ts';
import { element, label, type Markup, picture, rounded, shorten } from './svg.ts';
import { depthColours, SLOTS } from './theme.ts';

/** What a picture of the disk shows besides points and edges. */
export interface DiskOptions {
  /** Read out in place of the picture. */
  readonly description: string;
  /** The point that an isometry brings to the centre; null, the default, leaves all where they are. */
  readonly centre?: number | null;
  /** [points], from 0: which colour a point has. Default 0 for all. */
  readonly groups?: ArrayLike<number>;
  /** Whether groups are steps of one scale, the last colour standing for all further ones, or classes. Default classes. */
  readonly colours?: 'depth' | 'class';
  /** What the colours mean, such as `Depth`, and the name of each group (default its number); no legend when left out. */
  readonly legend?: { readonly title: string; readonly names?: readonly string[] };
  /** [points], shown beside the most important ones. */
  readonly names?: readonly string[];
  /** [points], shown when a reader points at one. Default: the names. */
  readonly hovers?: readonly string[];
  /** [points], at least 0: larger dots, and first in getting a name. Default 0 for all: small dots and no names. */
  readonly weights?: ArrayLike<number>;
}

const WIDTH = 720;
const RADIUS = 318;
const CENTRE = { x: WIDTH / 2, y: RADIUS + 22 } as const;
const BOTTOM = CENTRE.y + RADIUS + 16;
const LEGEND = 44;
const ROOM: Box = { left: 4, top: 4, right: WIDTH - 4, bottom: BOTTOM - 4 };

/** Two sets of names for two widths of the picture on the screen; the style sheet shows one. Larger letters need more room. */
const LABELS = {
  wide: { size: 14, most: 48 },
  narrow: { size: 23, most: 18 },
} as const;

/**
 * Points on the Poincaré disk with edges as geodesics: arcs of circles that meet the rim at right angles.
 * @param points [n, 2] flat, inside the unit circle
 * @param edges [e, 2] flat, numbers of points
 * @throws DomainError when a point is not inside the circle; ShapeError when there is not one group, name or weight a point
 */
export function poincareDisk(points: ArrayLike<number>, edges: ArrayLike<number>, options: DiskOptions): Markup {
  const count = points.length / 2;
  for (const what of ['groups', 'names', 'hovers', 'weights'] as const)
    if ((options[what]?.length ?? count) !== count)
      throw new ShapeError('poincareDisk', `there are ${count} points and ${options[what]?.length} ${what}`);
  const { centre = null, names = [], hovers = names, legend } = options;
  const middle = centre === null ? { x: 0, y: 0 } : { x: points[2 * centre], y: points[2 * centre + 1] };
  const places = moved(points, middle);
  const marks = marksOf(places, options.weights);
  const group = groupOf(options);
  return picture(
    WIDTH,
    BOTTOM + (legend === undefined ? 0 : LEGEND),
    options.description,
    element('circle', { class: 'rim', cx: CENTRE.x, cy: CENTRE.y, r: RADIUS }),
    arcs(places, edges, group),
    dots(marks, hovers, group),
    Object.entries(LABELS).map(([name, settings]) => labels(marks, options, name, settings)),
    legend === undefined ? null : legendOf(legend, count, group, options.colours),
  );
}

/** The class of a point's colour: `d2` on the scale of depths, `c2` of classes. */
type GroupOf = (point: number) => string;

function groupOf({ groups, colours }: DiskOptions): GroupOf {
  if (groups === undefined) return () => 'c2';
  return colours === 'depth'
    ? (point) => `d${Math.min(groups[point], depthColours - 1)}`
    : (point) => `c${groups[point] % SLOTS}`;
}

/** Dots that grow with the logarithm of their weight: in a tree weights span several orders of magnitude. */
function marksOf(places: Float64Array, weights: ArrayLike<number> | undefined): Mark[] {
  const count = places.length / 2;
  const weight = (i: number): number => weights?.[i] ?? 0;
  let most = 1;
  for (let i = 0; i < count; i++) most = Math.max(most, weight(i));
  return Array.from({ length: count }, (_, i) => ({
    ...shown({ x: places[2 * i], y: places[2 * i + 1] }),
    radius: 1.7 + (4.8 * Math.log1p(weight(i))) / Math.log1p(most),
  }));
}

/** From the unit disk, y upwards, to the picture, y downwards. */
const shown = ({ x, y }: Place): Place => ({ x: CENTRE.x + RADIUS * x, y: CENTRE.y - RADIUS * y });

/** Edges in the colour of their first point, those of one colour in one path. */
function arcs(places: Float64Array, edges: ArrayLike<number>, group: GroupOf): Markup[] {
  const paths = new Map<string, string>();
  for (let i = 0; i < edges.length; i += 2) {
    const [u, v] = [edges[i], edges[i + 1]];
    const path = arc({ x: places[2 * u], y: places[2 * u + 1] }, { x: places[2 * v], y: places[2 * v + 1] });
    paths.set(group(u), (paths.get(group(u)) ?? '') + path);
  }
  return [...paths].map(([name, d]) => element('path', { class: `edge ${name}`, d }));
}

/** The geodesic from p to q as a path. */
function arc(p: Place, q: Place): string {
  const text = (place: Place): string => `${rounded(shown(place).x)} ${rounded(shown(place).y)}`;
  const circle = geodesicCircle(p, q);
  if (circle === null) return `M${text(p)}L${text(q)}`;
  const r = rounded(circle.radius * RADIUS);
  // Angles that rise where y points upwards fall where it points downwards.
  return `M${text(p)}A${r} ${r} 0 0 ${circle.rising ? 0 : 1} ${text(q)}`;
}

/** The dots, the large ones last and so on top. */
function dots(marks: readonly Mark[], names: readonly string[], group: GroupOf): Markup[] {
  const order = marks.map((_, i) => i).sort((a, b) => marks[a].radius - marks[b].radius);
  return order.map((i) => {
    const attributes = { class: `dot ${group(i)}`, cx: marks[i].x, cy: marks[i].y, r: marks[i].radius };
    return names[i] === undefined
      ? element('circle', attributes)
      : element('circle', attributes, element('title', {}, names[i]));
  });
}

/** The names of the most important points, as many as there is room for. */
function labels(
  marks: readonly Mark[],
  { names, weights }: DiskOptions,
  name: string,
  { size, most }: { readonly size: number; readonly most: number },
): Markup | null {
  if (names === undefined || weights === undefined) return null;
  const order = marks.map((_, i) => i).filter((i) => weights[i] > 0);
  order.sort((a, b) => weights[b] - weights[a] || a - b);
  const short = names.map((one) => shorten(one, 22));
  const placed = placeLabels(marks, short, order, { size, room: ROOM, most });
  return element(
    'g',
    { class: `place ${name}` },
    placed.map(({ text, x, y }) => label(x, y, text)),
  );
}

function legendOf(
  { title, names = [] }: NonNullable<DiskOptions['legend']>,
  count: number,
  group: GroupOf,
  colours: DiskOptions['colours'],
): Markup {
  const used = [...new Set(Array.from({ length: count }, (_, i) => group(i)))].sort();
  const step = Math.min(120, (WIDTH - 130) / Math.max(1, used.length));
  const left = (WIDTH - 130 - step * used.length) / 2;
  const y = BOTTOM + 22;
  const entries = used.map((name, i) => {
    const number = Number(name.slice(1));
    const last = colours === 'depth' && number === depthColours - 1;
    const x = left + 130 + i * step;
    return [
      element('circle', { class: `dot ${name}`, cx: x, cy: y, r: 7 }),
      label(x + 13, y + 6, shorten(names[number] ?? `${number}${last ? '+' : ''}`, 9)),
    ];
  });
  return element('g', { class: 'legend' }, label(left + 105, y + 6, title, { 'text-anchor': 'end' }), entries);
}

/** A picture of a report as a file of its own, with the style that it has there. */
export function pictureFile({ markup }: Markup): string {
  const alone = 'svg{background:var(--page);font-family:system-ui,"Segoe UI",Roboto,Arial,sans-serif}';
  const style = element('style', {}, { markup: `${styleSheet()}\n${alone}` });
  return `${markup.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"').replace('>', `>${style.markup}`)}\n`;
}
