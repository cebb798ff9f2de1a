import { readdirSync } from 'node:fs';

/** `npm run bench -- NAME…`: run the benches of those names (`sweep` is bench/digits/sweep.bench.ts); without a name, list them. */
const names = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const files = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' }).sort();
const benches = files.filter((file) => file.endsWith('.bench.ts'));
const nameOf = (file: string): string => (file.split('/').pop() as string).replace('.bench.ts', '');

for (const name of names) {
  const file = benches.find((f) => nameOf(f) === name);
  if (file === undefined) {
    process.stderr.write(`bench: there is no '${name}'; there are ${benches.map(nameOf).join(', ')}\n`);
    process.exitCode = 2;
  } else await import(`./${file}`);
}
if (names.length === 0) process.stdout.write(`${benches.map((f) => `${nameOf(f)}  (bench/${f})`).join('\n')}\n`);
