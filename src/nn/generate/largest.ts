/** Where the k largest values lie, the largest first; of equal ones the earlier come first. −∞ is left out. */
export function largest(values: ArrayLike<number>, k: number): number[] {
  const inOrder = (a: number, b: number): number => values[b] - values[a] || a - b;
  const places = (): number[] => Array.from(values, (_, i) => i).filter((i) => values[i] !== -Infinity);
  // Few of many are put in their place one by one; otherwise all are sorted.
  if (k * 16 > values.length) return places().sort(inOrder).slice(0, k);
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] === -Infinity || (best.length === k && !(values[i] > values[best[k - 1]]))) continue;
    let at = Math.min(best.length, k - 1);
    while (at > 0 && values[i] > values[best[at - 1]]) at--;
    best.splice(at, 0, i);
    best.length = Math.min(best.length, k);
  }
  return best;
}
