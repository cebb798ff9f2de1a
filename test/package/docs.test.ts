/** Every public name is documented, and says which errors it throws itself. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { entryPoints, parse, place, root } from './tree.ts';

/** A checker over files and all they import; no library types, for it only resolves names. */
function checkerOf(paths: readonly string[], text?: ReadonlyMap<string, string>): [ts.TypeChecker, ts.SourceFile[]] {
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile } = host;
  host.getSourceFile = (path, ...rest) => {
    const own = text?.get(path);
    return own === undefined ? getSourceFile(path, ...rest) : parse(path, own);
  };
  const program = ts.createProgram({ rootNames: paths, options, host });
  return [
    program.getTypeChecker(),
    paths.map((path) => program.getSourceFile(path)).filter((file) => file !== undefined),
  ];
}

const isThrowing = (node: ts.Node): node is ts.FunctionLikeDeclaration =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && throwsItself(node.body as ts.Node);

/** Whether a body throws an error of its own, outside the functions it defines. */
function throwsItself(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) return ts.isNewExpression(node.expression);
  return ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && throwsItself(child)) ?? false;
}

const isHidden = (node: ts.Node): boolean =>
  (ts.getCombinedModifierFlags(node as ts.Declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !==
    0 ||
  ((ts.isMethodDeclaration(node) || ts.isAccessor(node)) && ts.isPrivateIdentifier(node.name));

/** The functions that a declaration offers to callers: itself, its initializer, or its public methods. */
function offered(declaration: ts.Declaration): ts.Node[] {
  if (ts.isVariableDeclaration(declaration)) return declaration.initializer ? [declaration.initializer] : [];
  if (ts.isClassDeclaration(declaration)) return declaration.members.filter((member) => !isHidden(member));
  return [declaration];
}

/** Whether the comment of a node says what it throws. A constructor may leave it to its class, a setter to its getter. */
function tagged(node: ts.Node): boolean {
  if (ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'throws')) return true;
  if (ts.isConstructorDeclaration(node)) return tagged(node.parent);
  if (!ts.isSetAccessor(node) || !ts.isClassDeclaration(node.parent)) return false;
  const name = node.name.getText();
  return node.parent.members.some((one) => ts.isGetAccessor(one) && one.name.getText() === name && tagged(one));
}

/** What the documentation of a module's exports lacks. */
function undocumented(checker: ts.TypeChecker, file: ts.SourceFile): string[] {
  const module = checker.getSymbolAtLocation(file);
  return (module ? checker.getExportsOfModule(module) : []).flatMap((name) => {
    const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
    const declarations = symbol.declarations ?? [];
    const where = declarations[0] ? place(declarations[0].getSourceFile(), declarations[0]) : file.fileName;
    const bare = symbol.getDocumentationComment(checker).length === 0;
    const overloaded = declarations.some((one) => ts.isFunctionDeclaration(one) && tagged(one));
    const silent = overloaded ? [] : declarations.flatMap(offered).filter((node) => isThrowing(node) && !tagged(node));
    return [
      ...(bare ? [`${where}: ${name.name} has no doc comment`] : []),
      ...silent.map((node) => `${place(node.getSourceFile(), node)}: ${name.name} throws without @throws`),
    ];
  });
}

test('every entry point has its source file', () => {
  assert.ok(entryPoints.size > 0);
  assert.deepEqual(
    [...entryPoints.values()].filter((path) => !existsSync(root + path)),
    [],
  );
});

test('every public name has a doc comment, with @throws where it throws', () => {
  const paths = [...entryPoints.values()].map((path) => root + path).filter((path) => existsSync(path));
  const [checker, files] = checkerOf(paths);
  const found = files.flatMap((file) => undocumented(checker, file)).map((line) => line.replace(root, ''));
  assert.deepEqual([...new Set(found)], []);
});

test('this law can fail', () => {
  const complaints = (text: string): number => {
    const [checker, files] = checkerOf(['a.ts'], new Map([['a.ts', text]]));
    return files.flatMap((file) => undocumented(checker, file)).length;
  };
  assert.equal(complaints('/** One. */\nexport const one: number = 1;'), 0);
  assert.equal(complaints('// One.\nexport const one: number = 1;'), 1);
  assert.equal(complaints('export type One = 1;\nexport interface Two {}\nexport class Three {}'), 3);
  assert.equal(complaints('/** No. */\nexport function no(): never { throw new RangeError("no"); }'), 1);
  assert.equal(
    complaints('/** No.\n * @throws RangeError */\nexport const no = () => { throw new RangeError("no"); };'),
    0,
  );
  assert.equal(
    complaints(
      '/** C. */\nexport class C { f(): void { if (this) throw new Error("f"); } #g() { throw new Error("g"); } }',
    ),
    1,
  );
  const body = '{ throw new RangeError("no"); }';
  assert.equal(complaints(`/** No. @throws RangeError */\nexport function no(): 0;\nexport function no() ${body}`), 0);
  assert.equal(complaints(`/** No. */\nexport function no(): 0;\nexport function no() ${body}`), 1);
});
