/**
 * The library in headless Chromium: `npm run test:browser`, or with the name of one of the files beside this one. Needs Chromium: the
 * program that CHROMIUM names, or `chromium` or `google-chrome` of the system.
 */
const names = process.argv.length > 2 ? process.argv.slice(2) : ['policies', 'gpu'];
for (const name of names) await import(new URL(`${name}.ts`, import.meta.url).href);
