/** [0, 1, … n − 1] */
export function countUp(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 1; i < n; i++) order[i] = i;
  return order;
}

/** Positions in order of descending value, equals in order of position. */
export const sortDown = (values: Float64Array): Int32Array =>
  countUp(values.length).sort((i, j) => values[j] - values[i] || i - j);
