/** The repository as data: its files, its manifest, and what each module imports. Read by the laws of this folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The repository's root folder, with a slash at its end. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a file, by its path from the root. */
export const read = (path: string): string => readFileSync(root + path, 'utf8');

/** All `.ts` files under the folders that exist, as sorted paths from the root. */
export function sources(...folders: string[]): string[] {
  const present = new Set(readdirSync(root));
  return folders
    .filter((folder) => present.has(folder))
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path.replaceAll('\\', '/')}`,
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.includes('/node_modules/'))
    .sort();
}

/** The fields of `package.json` that the laws speak of. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly sideEffects: readonly string[];
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: readonly string[];
}
export const manifest: Manifest = JSON.parse(read('package.json')) as Manifest;

/** Public entry points: import specifier (`spectragrad/nn`) -> source file (`src/nn/index.ts`). */
export const entryPoints: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]): [string, string][] =>
    typeof target === 'string'
      ? []
      : [[posix.join(manifest.name, subpath), target.default.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts')]],
  ),
);

const parsed = new Map<string, ts.SourceFile>();
/** The syntax tree of a source file, with parent links. */
export function parse(path: string, text?: string): ts.SourceFile {
  if (text !== undefined) return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  let file = parsed.get(path);
  if (file === undefined) {
    file = parse(path, read(path));
    parsed.set(path, file);
  }
  return file;
}

/** Calls `visit` on a node and on everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** `path:line` of a node, as editors open it. */
export function place(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** One import, export-from, `import()` or `import('…')` type of a module. */
export interface Import {
  /** As written, when it names a package; as a path from the root, when it is relative. */
  readonly target: string;
  /** `type`: erased; `static`: runs when the module loads; `dynamic`: runs when it is called. */
  readonly kind: 'type' | 'static' | 'dynamic';
  readonly at: string;
}

function specifier(node: ts.Node): [ts.Expression, Import['kind']] | undefined {
  if (ts.isImportDeclaration(node))
    return [node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'static'];
  if (ts.isExportDeclaration(node) && node.moduleSpecifier)
    return [node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static'];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return [node.argument.literal as ts.Expression, 'type'];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
    return [node.arguments[0], 'dynamic'];
  return undefined;
}

/** Everything a module imports. `import { type A }` is static: with `verbatimModuleSyntax` it still loads the module. */
export function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  walk(file, (node) => {
    const hit = specifier(node);
    if (hit === undefined || !ts.isStringLiteralLike(hit[0])) return;
    const text = hit[0].text;
    const target = text.startsWith('.') ? posix.join(posix.dirname(file.fileName), text) : text;
    found.push({ target, kind: hit[1], at: place(file, node) });
  });
  return found;
}
