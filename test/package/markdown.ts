/** The parts of a Markdown file that can be checked: code blocks, links, headings, commands. */

/** A fenced code block. */
export interface Block {
  /** First word after the fence: `ts`, `text`, … */
  readonly language: string;
  /** The words after it. */
  readonly flags: readonly string[];
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced code blocks of a text, in order. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; info: string; line: number; code: string[] } | undefined;
  for (const [i, row] of text.split('\n').entries()) {
    const [, fence = '', info = ''] = /^\s*(`{3,}|~{3,})\s*(.*?)\s*$/.exec(row) ?? [];
    if (open === undefined) {
      if (fence !== '') open = { fence, info, line: i + 1, code: [] };
    } else if (fence.startsWith(open.fence) && info === '') {
      const [language = '', ...flags] = open.info.split(/\s+/);
      blocks.push({ language, flags, code: `${open.code.join('\n')}\n`, line: open.line });
      open = undefined;
    } else open.code.push(row);
  }
  if (open !== undefined) throw new SyntaxError(`the code block opened in line ${open.line} is never closed`);
  return blocks;
}

/** A program with what it prints: a `ts` or `js` block, and the `text` block that follows it. */
export interface Example extends Block {
  readonly output: string | undefined;
}

/** The `ts` and `js` blocks of a text. */
export function examplesOf(text: string): Example[] {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, i) => {
    if (!['ts', 'typescript', 'js', 'javascript'].includes(block.language)) return [];
    const next = blocks[i + 1];
    return [{ ...block, output: next?.language === 'text' ? next.code : undefined }];
  });
}

/** A text without its code blocks. */
export const proseOf = (text: string): string => text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1\s*$/gm, '');

/** Targets of links and images. */
export const linksOf = (text: string): string[] => [
  ...[...proseOf(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((match) => match[1] as string),
  ...[...proseOf(text).matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map((match) => match[1] as string),
  ...[...proseOf(text).matchAll(/\b(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string),
];

/** The anchors that GitHub gives to the headings. */
export const anchorsOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/^#+\s+(.*?)\s*#*$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Paths of this repository named in backticks, without those that hold a placeholder (`src/nn/<name>.ts`). */
export const pathsOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/`((?:src|test|bench|demo|docs)\/[^`\s]*)`/g)]
    .map((match) => match[1] as string)
    .filter((path) => !/[<>*{}…]/.test(path));

/** What follows `npm` in a command line: `test`, `run build`. */
export const npmCommandsOf = (line: string): string[] =>
  [...line.matchAll(/\bnpm ((?:run |run-script )?[a-z][\w:.-]*)/g)].map((match) => match[1] as string);

/** Code in the prose (between backticks), and in blocks that are not programs or output. */
export const commandLinesOf = (text: string): string[] => [
  ...[...proseOf(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string),
  ...blocksOf(text)
    .filter(({ language }) => ['', 'sh', 'bash', 'shell', 'console'].includes(language))
    .map(({ code }) => code),
];
