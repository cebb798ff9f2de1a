/** Text of a number: one that GPU.js takes for a float, in parentheses where it has a sign. */
const literal = (x: number): string => (x < 0 ? `(0 - ${-x})` : `${x}`);

/** Text of c0 + c1·x + c2·x² + … by Horner's rule. */
export const polynomial = (x: string, coefficients: readonly number[]): string =>
  coefficients.reduceRight((sum, c) => (sum === '' ? literal(c) : `${literal(c)} + ${x} * (${sum})`), '');

/** 1, 1/3!, 1/5!, … or 1, 1/2!, 1/4!, …, and so on: 1 over every second factorial, with signs that alternate when asked. */
export function factorials(first: number, step: number, count: number, sign: 1 | -1 = 1): readonly number[] {
  const terms: number[] = [];
  let product = 1;
  for (let n = 1; n <= first; n++) product *= n;
  for (let i = 0, n = first; i < count; i++) {
    terms.push((i % 2 === 1 ? sign : 1) / product);
    for (let k = 0; k < step; k++) product *= ++n;
  }
  return terms;
}
