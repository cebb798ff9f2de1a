import '../autograd/methods.ts';

export { Activation, GELU, ReLU, Sigmoid, Tanh } from './activation.ts';
export { type FitOptions, fit, type Hook, type TrainEvent } from './fit.ts';
export { addBias, Linear, type LinearMap, type LinearOptions, type LinearValues } from './linear.ts';
export { euclidean, type Manifold } from './manifold.ts';
export { type CallContext, Module, replaceModule } from './module.ts';
export { type AdamHyper, adam, adamRule, adamW, adamWRule } from './optim/adam.ts';
export { Optimizer, type ParameterGroup, type Trainable } from './optim/optimizer.ts';
export type { Hyper, Rule, RuleState } from './optim/rule.ts';
export { constant, cosine, linearWarmup, noam, type Schedule } from './optim/schedule.ts';
export { type SGDHyper, sgd, sgdRule } from './optim/sgd.ts';
export { Parameter, type ParameterOptions } from './parameter.ts';
export { Sequential } from './sequential.ts';
