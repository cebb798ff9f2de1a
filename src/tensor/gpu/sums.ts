/**
 * Lines of a kernel that declare a number, named `total`, as Σ_l term(l) for l in 0..count−1: four sums, added at the end. The term is
 * given its index as source.
 */
export const summed = (total: string, count: string, term: (at: string) => string): string => `
  let ${total}0 = 0;
  let ${total}1 = 0;
  let ${total}2 = 0;
  let ${total}3 = 0;
  const ${total}Whole = ${count} - 3;
  for (let ${total}At = 0; ${total}At < ${total}Whole; ${total}At += 4) {
    ${total}0 += ${term(`${total}At`)};
    ${total}1 += ${term(`(${total}At + 1)`)};
    ${total}2 += ${term(`(${total}At + 2)`)};
    ${total}3 += ${term(`(${total}At + 3)`)};
  }
  const ${total}Done = 4 * Math.floor(${count} / 4);
  const ${total}Left = ${count} - ${total}Done;
  for (let ${total}Rest = 0; ${total}Rest < ${total}Left; ${total}Rest++) {
    ${total}0 += ${term(`(${total}Done + ${total}Rest)`)};
  }
  const ${total} = (${total}0 + ${total}1) + (${total}2 + ${total}3);`;

/**
 * In how many pieces the rows of a matrix are added up, so that there are threads enough and none adds many: one where they are few, or
 * columns keep the device busy.
 */
export const piecesOf = (rows: number, columns: number): number =>
  rows <= 64 || columns >= 1 << 14 ? 1 : Math.ceil(Math.sqrt(rows));
