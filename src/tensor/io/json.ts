import { DomainError } from '../errors.ts';

/**
 * The object that a JSON text is, refused where `JSON.parse` would keep the last of several members with one name.
 * @throws DomainError naming `op` and `what` when the text is not JSON, not an object, or names a member twice
 */
export function parseObject(op: string, what: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DomainError(op, `${what} is not JSON`);
  }
  if (!isObject(value)) throw new DomainError(op, `${what} is not a JSON object`);
  const twice = repeatedName(text);
  if (twice !== null) throw new DomainError(op, `${what} names ${JSON.stringify(twice)} twice`);
  return value;
}

/** Whether a parsed JSON value is an object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first name that one object of a valid JSON text has twice; null when there is none. Depth costs no stack. */
function repeatedName(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let string: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      const end = closingQuote(text, i);
      string = JSON.parse(text.slice(i, end + 1)) as string;
      i = end;
    } else if (c === '{') open.push(new Set());
    else if (c === '[') open.push(null);
    else if (c === '}' || c === ']') open.pop();
    else if (c === ':' && string !== null) {
      const names = open.at(-1);
      if (names?.has(string)) return string;
      names?.add(string);
    }
  }
  return null;
}

function closingQuote(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
