import type { Graph } from './graph.ts';

/** The friends of each member with a higher number, from member 0 on; members who have none left are an empty list. */
const friends: readonly (readonly number[])[] = [
  [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
  [2, 3, 7, 13, 17, 19, 21, 30],
  [3, 7, 8, 9, 13, 27, 28, 32],
  [7, 12, 13],
  [6, 10],
  [6, 10, 16],
  [16],
  [],
  [30, 32, 33],
  [33],
  [],
  [],
  [],
  [33],
  [32, 33],
  [32, 33],
  [],
  [],
  [32, 33],
  [33],
  [32, 33],
  [],
  [32, 33],
  [25, 27, 29, 32, 33],
  [25, 27, 31],
  [31],
  [29, 33],
  [33],
  [31, 33],
  [32, 33],
  [32, 33],
  [32, 33],
  [33],
  [],
];

/** Who stayed with the club when it split; the others went with the instructor, member 0. */
const stayed = [9, 14, 15, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33];

/**
 * The karate club: 34 members, 78 friendships, and the two clubs that came of it: 0 the instructor's, 1 the administrator's. Features tell members
 * apart and nothing else: the identity matrix.
 * @source Zachary, "An information flow model for conflict and fission in small groups", 1977
 */
export function karate(): Graph {
  const nodes = friends.length;
  const features = new Float32Array(nodes * nodes);
  for (let i = 0; i < nodes; i++) features[i * nodes + i] = 1;
  return {
    name: 'karate',
    nodes,
    edges: Int32Array.from(friends.flatMap((of, u) => of.flatMap((v) => [u, v]))),
    features,
    featureCount: nodes,
    labels: Int32Array.from({ length: nodes }, (_, i) => (stayed.includes(i) ? 1 : 0)),
    classes: 2,
    nodeSplits: {},
    linkSplits: [],
  };
}
