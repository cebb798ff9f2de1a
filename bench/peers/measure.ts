/** One row, asked of every contender in turn. */
import type { Child } from './children.ts';
import type { Row } from './rows.ts';
import type { Cell, Measured } from './table.ts';

/** A contender with longer runs gives fewer samples: about so many ms in all. */
const share = 6000;

/** All contenders in one row: prepared one after the other, then measured in turns, each round beginning with another. */
export async function measure(
  row: Row,
  children: readonly Child[],
  { rounds, budget }: { readonly rounds: number; readonly budget: number },
): Promise<Measured> {
  const cells = new Map<string, Cell & { samples: ({ wall: number; cpu: number } | undefined)[]; why?: string }>();
  for (const child of children) {
    process.stderr.write(`\r\x1b[K${row.id}: preparing ${child.name}`);
    const { why, result = [], notes } = await child.ask({ prepare: row.task });
    cells.set(child.name, { samples: [], result, notes: notes ?? {}, ...(why === undefined ? {} : { why }) });
  }
  const spent = new Map<string, number>();
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < children.length; turn++) {
      const child = children[(round + turn) % children.length];
      const cell = cells.get(child.name);
      const used = spent.get(child.name) ?? 0;
      if (cell === undefined || cell.why !== undefined || used > share) continue;
      process.stderr.write(`\r\x1b[K${row.id}: round ${round + 1} of ${rounds}, ${child.name}`);
      const { why, wall = Number.NaN, cpu = Number.NaN, runs = 1 } = await child.ask({ measure: budget });
      if (why !== undefined) cell.why = why;
      else cell.samples[round] = { wall, cpu };
      spent.set(child.name, used + wall * runs);
    }
  process.stderr.write('\r\x1b[K');
  return { row, cells };
}
