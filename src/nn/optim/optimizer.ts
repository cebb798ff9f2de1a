import { noGrad } from '../../autograd/scoped.ts';
import { DomainError, GradError } from '../../tensor/errors.ts';
import { isPassing, isPinned, pin, unscoped } from '../../tensor/scope.ts';
import { sameShape } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { Parameter } from '../parameter.ts';
import type { Hyper, Rule, RuleState } from './rule.ts';
import { checkCount, constant, type Schedule } from './schedule.ts';

/** Parameters that share a rule and settings. */
export interface ParameterGroup {
  readonly name?: string;
  readonly parameters: readonly Parameter[];
  /** Overrides of the optimizer's settings. */
  readonly hyper?: Partial<Hyper>;
  /** Factor on the learning rate of this group, on top of the optimizer's schedule. */
  readonly schedule?: Schedule;
  /** What to make of the optimizer's rule for these parameters: a projection around it, or another rule. */
  wrapRule?(rule: Rule): Rule;
}

/** What an optimizer is given: a flat list, or groups with settings of their own. */
export type Trainable = readonly Parameter[] | readonly ParameterGroup[];

/** One rule applied to many parameters, and the state that it keeps for each. */
export class Optimizer {
  readonly groups: readonly ParameterGroup[];
  /** Factor on every learning rate, by step. */
  schedule: Schedule = constant;
  readonly #rule: Rule;
  readonly #hyper: Hyper;
  readonly #states = new Map<Parameter, RuleState>();
  #steps = 0;

  /**
   * @throws DomainError when there is nothing to train, a parameter is listed twice, lr or weightDecay is negative, or
   * stabilize is not a whole number >= 0
   */
  constructor(parameters: Trainable, rule: Rule, hyper: Hyper) {
    const groups = parameters.map((p): ParameterGroup => (p instanceof Tensor ? { parameters: [p] } : p));
    const all = groups.flatMap((g) => g.parameters);
    if (all.length === 0) throw new DomainError('Optimizer', 'there are no parameters');
    if (new Set(all).size !== all.length) throw new DomainError('Optimizer', 'a parameter is listed twice');
    for (const own of groups.map((g) => g.hyper ?? {})) checkHyper({ ...hyper, ...own });
    this.groups = groups;
    this.#rule = rule;
    this.#hyper = hyper;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Bytes of all state tensors, exact. */
  get stateBytes(): number {
    return this.stateTensors().reduce((total, t) => total + t.bytes, 0);
  }

  /** Every tensor that is kept between steps. */
  stateTensors(): Tensor[] {
    return [...this.#states.values()].flatMap(tensorsOf);
  }

  /** The state kept for a parameter; empty before its first step. */
  stateOf(p: Parameter): RuleState {
    return this.#states.get(p) ?? {};
  }

  /** Go on from a state that was kept: so many steps taken, and the state of each parameter; those not named have none. */
  restore(steps: number, states: ReadonlyMap<Parameter, RuleState>): void {
    checkCount('Optimizer.restore', 'steps', steps, 0);
    this.#steps = steps;
    this.#states.clear();
    for (const [p, state] of states) this.#states.set(p, state);
  }

  /** The learning rate of a group at the coming step. */
  lrOf(group: ParameterGroup): number {
    const { lr = this.#hyper.lr } = group.hyper ?? {};
    return lr * this.schedule(this.#steps) * (group.schedule ?? constant)(this.#steps);
  }

  /**
   * Update every parameter that has a gradient; the others are left alone.
   * @throws GradError when none has one: `backward()` was not called
   */
  step(): void {
    const ready = this.groups.flatMap((g) => g.parameters).some((p) => p.requiresGrad && p.grad !== null);
    if (!ready) throw new GradError('Optimizer.step', 'no parameter has a gradient: call backward() first');
    noGrad(() => {
      for (const group of this.groups) {
        const hyper = this.#hyperOf(group);
        const rule = group.wrapRule?.(this.#rule) ?? this.#rule;
        for (const p of group.parameters) if (p.requiresGrad && p.grad !== null) this.#update(p, p.grad, rule, hyper);
      }
    });
    this.#steps += 1;
  }

  /** Forget all accumulated gradients. */
  zeroGrad(): void {
    for (const { parameters } of this.groups) for (const p of parameters) p.zeroGrad();
  }

  /**
   * Forget what is kept for these parameters (moments and step counters).
   * @returns how many numbers were forgotten, so that a reset that reset nothing shows
   */
  reset(parameters: readonly Parameter[]): number {
    let cleared = 0;
    for (const p of parameters) {
      const state = tensorsOf(this.stateOf(p));
      cleared += state.reduce((n, t) => n + t.size, 0);
      for (const t of state) if (t.storage.held !== null) t.dispose();
      this.#states.delete(p);
    }
    return cleared;
  }

  /** The settings of the coming step of a group. */
  #hyperOf(group: ParameterGroup): Hyper {
    const hyper = { ...this.#hyper, ...group.hyper, lr: this.lrOf(group) };
    const { stabilize = 0 } = hyper;
    return stabilize === 0 ? hyper : { ...hyper, settles: (this.#steps + 1) % stabilize === 0 };
  }

  #update(p: Parameter, g: Tensor, rule: Rule, hyper: Hyper): void {
    const before = this.stateOf(p);
    const next = rule(p.detach(), g.detach(), before, hyper, p.manifold);
    p.assign_(next.x);
    this.#states.set(p, lasting(next.state, before, p));
  }
}

function checkHyper({ lr, weightDecay = 0, stabilize = 0 }: Hyper): void {
  if (!(lr >= 0 && weightDecay >= 0))
    throw new DomainError('Optimizer', `lr and weightDecay are >= 0, got ${lr} and ${weightDecay}`);
  checkCount('Optimizer', 'stabilize', stabilize, 0);
}

/** A state whose tensors outlive the scope that the step ran in: written into those of the state before, or copied beside the parameter. */
function lasting(state: RuleState, before: RuleState, p: Parameter): RuleState {
  const entries = Object.entries(state);
  if (!entries.some(([, t]) => t instanceof Tensor && isPassing(t))) return state;
  const passed = new Set(tensorsOf(state));
  return Object.fromEntries(
    entries.map(([key, t]) => {
      if (!(t instanceof Tensor && isPassing(t))) return [key, t];
      const old = before[key];
      const fits = old instanceof Tensor && old.dtype === t.dtype && sameShape(old.shape, t.shape) && !passed.has(old);
      if (fits) return [key, old.assign_(t)];
      const copy = unscoped(() => Tensor.allocate(t.shape, t.dtype, t.device)).assign_(t);
      if (isPinned(p)) pin(copy);
      return [key, copy];
    }),
  );
}

const tensorsOf = (state: RuleState): Tensor[] => Object.values(state).filter((v) => v instanceof Tensor);
