/** Whether a page is well-formed: what a browser does not say. */
import assert from 'node:assert/strict';

const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*)(\/?)>/y;

/** Tags of a page in order. Fails unless all text is escaped and every element is closed, in its parent. */
export function tagsOf(page: string): string[] {
  const tags: string[] = [];
  const open: string[] = [];
  assert.ok(page.startsWith('<!doctype html>\n'), 'the page begins with its type');
  let at = page.indexOf('\n') + 1;
  while (at < page.length) {
    if (page[at] !== '<') {
      const end = page.indexOf('<', at) < 0 ? page.length : page.indexOf('<', at);
      if (open.at(-1) !== 'style')
        assert.doesNotMatch(page.slice(at, end), /[>\p{Cs}]|[^\t\n\r\P{Cc}]|&(?!(amp|lt|gt|quot|#39);)/u);
      at = end;
      continue;
    }
    TAG.lastIndex = at;
    const [tag, close, name = '', , self] = TAG.exec(page) ?? assert.fail(`no tag: ${page.slice(at, at + 60)}`);
    if (close === '/') assert.equal(open.pop(), name, `at ${page.slice(at - 40, at + 20)}`);
    else if (self === '') open.push(name);
    tags.push(`${close}${name}${self}`);
    at += tag.length;
  }
  assert.deepEqual(open, []);
  return tags;
}
