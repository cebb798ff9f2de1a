import type { Module } from '../nn/module.ts';

/** Which linear layers are meant, by their path in the model; `*` stands for any run of characters but a dot, `**` for any. */
export interface Selection {
  /** Default: all. */
  readonly include?: readonly string[];
  /** Default: the last linear layer, the head, where there are several. `[]` excludes none. */
  readonly exclude?: readonly string[];
}

/** The modules of a kind that a selection names, in the order of the model. */
export function select<M extends Module>(
  model: Module,
  { include = ['**'], exclude }: Selection,
  isKind: (module: Module) => module is M,
): { readonly path: string; readonly module: M }[] {
  const all = model.namedModules().flatMap(([path, module]) => (isKind(module) ? [{ path, module }] : []));
  const out = exclude ?? (all.length > 1 ? [all[all.length - 1].path] : []);
  return all.filter(({ path }) => include.some((p) => matches(p, path)) && !out.some((p) => matches(p, path)));
}

/** Whether a path fits a pattern with `*` and `**`. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^.]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`).test(path);
}
