import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataPackage, packageFolder, wrongPackage } from '../data/packageFolder.ts';
import type { Graph } from './graph.ts';

const VEGA: DataPackage = { name: 'vega-datasets', version: '3.2.1', holds: 'The airports' };

const classes = 4;

/** One airport, and what flew there in a year. */
interface Airport {
  readonly code: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** Departures and arrivals. */
  flights: number;
}

/**
 * 305 airports of the USA by their codes, and the 2,834 pairs between which there were flights in 2008, in one direction or both.
 * Features know nothing of routes: a = latitude and b = longitude, each on 0..1 over these airports, as (a, 1 − a, b, 1 − b), so that all
 * rows have one sum. Labels are the quarters by number of flights, 0 the quietest; routes do not tell how many flights they had. It is
 * a graph like the Airport set of the papers, not the same.
 * @source npm package vega-datasets 3.2.1: airports.csv, flights-airport.csv (US Bureau of Transportation Statistics)
 * @throws ReportedError when the package is not installed, or is another one
 */
export function airports(): Graph {
  const folder = join(packageFolder(VEGA), 'data');
  const { airports: list, routes } = readFlights(folder);
  const nodes = list.length;
  if (nodes !== 305 || routes.size !== 2834) throw wrongPackage(VEGA);
  const features = new Float32Array(4 * nodes);
  for (const [j, axis] of (['latitude', 'longitude'] as const).entries()) {
    const values = list.map((airport) => airport[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    for (const [i, value] of values.entries()) {
      const share = (value - low) / (high - low);
      features.set([share, 1 - share], 4 * i + 2 * j);
    }
  }
  const labels = new Int32Array(nodes);
  const byFlights = [...labels.keys()].sort((a, b) => list[a].flights - list[b].flights || a - b);
  for (const [rank, i] of byFlights.entries()) labels[i] = Math.floor((classes * rank) / nodes);
  const edges = Int32Array.from(
    [...routes].sort((a, b) => a - b).flatMap((key) => [Math.floor(key / nodes), key % nodes]),
  );
  const shape = { name: 'airports', nodes, edges, features, featureCount: 4 };
  return { ...shape, labels, classes, nodeSplits: {}, linkSplits: [] };
}

/** The airports that have flights, in the order of their codes, and the routes as u·nodes + v with u < v. */
function readFlights(folder: string): { airports: Airport[]; routes: Set<number> } {
  const rowsOf = (name: string): string[][] =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  const flights = rowsOf('flights-airport.csv');
  const used = new Set(flights.flatMap((row) => row.slice(0, 2)));
  // Names in the middle of a row may hold commas; the code comes first, the coordinates last.
  const airports = rowsOf('airports.csv')
    .filter(([code]) => used.has(code))
    .map((row) => ({ code: row[0], latitude: Number(row.at(-2)), longitude: Number(row.at(-1)), flights: 0 }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  const index = new Map(airports.map(({ code }, i) => [code, i]));
  const routes = new Set<number>();
  for (const [origin, destination, count] of flights) {
    const [from, to] = [index.get(origin), index.get(destination)];
    if (from === undefined || to === undefined) throw wrongPackage(VEGA);
    airports[from].flights += Number(count);
    airports[to].flights += Number(count);
    if (from !== to) routes.add(Math.min(from, to) * airports.length + Math.max(from, to));
  }
  return { airports, routes };
}
