"""Pointwise ops: general values, and the special points of each."""

import torch
import torch.nn.functional as F

from golden import at, case, distinct, index, mask, rand, seed

INF, NAN = float("inf"), float("nan")
EVERYWHERE = [0, -0.0, 1, -1, INF, -INF, NAN]


def one(op, fn, lo=-2.0, hi=2.0, special=EVERYWHERE, attrs=None, note="", tolerance=None, grad=True):
    named = f"{note} " if note else ""
    case("pointwise", op, fn, [rand(3, 4, lo=lo, hi=hi)], attrs, note, tolerance, grad)
    if special:
        case("pointwise", op, fn, [at(*special)], attrs, f"{named}at special points", tolerance, grad)


def two(op, fn, a, b, attrs=None, note="", tolerance=None, grad=True):
    case("pointwise", op, fn, [a, b], attrs, note, tolerance, grad)


def make():
    seed(1)
    one("neg", torch.neg)
    one("abs", torch.abs)
    one("sign", torch.sign, grad=False)
    one("sqrt", torch.sqrt, 0.1, 4)
    one("rsqrt", torch.rsqrt, 0.1, 4)
    one("square", torch.square)
    one("reciprocal", torch.reciprocal)
    one("exp", torch.exp, special=[*EVERYWHERE, 709, 710, -745, -746])
    one("expm1", torch.expm1, special=[*EVERYWHERE, 1e-12, -1e-12, 1e-300, -40])
    one("log", torch.log, 0.1, 4, special=[*EVERYWHERE, 1e-300])
    one("log1p", torch.log1p, -0.9, 4, special=[*EVERYWHERE, 1e-12, -1e-12])
    one("log2", torch.log2, 0.1, 4, special=[*EVERYWHERE, 8, 0.125])
    one("sin", torch.sin)
    one("cos", torch.cos)
    one("tan", torch.tan, -1.4, 1.4)
    one("asin", torch.asin, -0.95, 0.95, special=[*EVERYWHERE, 2, 0.5])
    one("acos", torch.acos, -0.95, 0.95, special=[*EVERYWHERE, 2, 0.5])
    one("atan", torch.atan)
    one("sinh", torch.sinh, special=[*EVERYWHERE, 1e-9])
    one("cosh", torch.cosh)
    one("tanh", torch.tanh, special=[*EVERYWHERE, 1e-9, 20, -20])
    one("asinh", torch.asinh, special=[*EVERYWHERE, 1e-9, 1e8, -1e8])
    one("acosh", torch.acosh, 1.1, 4, special=[*EVERYWHERE, 1 + 1e-9, 1e8])
    one("atanh", torch.atanh, -0.95, 0.95, special=[*EVERYWHERE, 2, 1e-9])
    one("erf", torch.erf, special=[*EVERYWHERE, 1e-9, 0.5, 3, 6, -6])
    one("sigmoid", torch.sigmoid, special=[*EVERYWHERE, 40, -40, 800, -800])
    one("logSigmoid", F.logsigmoid, special=[*EVERYWHERE, 40, -40, 800, -800])
    one("softplus", F.softplus, special=[*EVERYWHERE, 19.9, 20, 20.1, -40])
    one("softplus", lambda x: F.softplus(x, 2, 3), attrs={"beta": 2, "threshold": 3}, note="beta 2 threshold 3")
    one("relu", F.relu)
    one("leakyRelu", lambda x: F.leaky_relu(x, 0.2), attrs={"negativeSlope": 0.2})
    one("elu", lambda x: F.elu(x, 1.5), attrs={"alpha": 1.5}, special=[*EVERYWHERE, -1e-9, -40])
    one("silu", F.silu, special=[*EVERYWHERE, 40, -40, -800])
    one("gelu", F.gelu, special=[*EVERYWHERE, 6, -6, -40])
    one("gelu", lambda x: F.gelu(x, approximate="tanh"), attrs={"approximate": "tanh"}, note="tanh")
    one("mish", F.mish, special=[*EVERYWHERE, 21, -40])
    one("floor", torch.floor, special=[*EVERYWHERE, 0.5, -0.5, 2.999])
    one("ceil", torch.ceil, special=[*EVERYWHERE, 0.5, -0.5, 2.001])
    one("round", torch.round, special=[*EVERYWHERE, 0.5, 1.5, 2.5, -0.5, -1.5])
    one("clamp", lambda x: torch.clamp(x, -1, 1), attrs={"min": -1, "max": 1})
    one("clamp", lambda x: torch.clamp(x, min=0.5), attrs={"min": 0.5}, note="from below", special=[0.5, 0.25])
    one("clamp", lambda x: torch.clamp(x, max=0.5), attrs={"max": 0.5}, note="from above", special=[0.5, 0.75])
    pairs()
    logic()


def pairs():
    seed(2)
    for op, fn in [("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("div", torch.div)]:
        two(op, fn, rand(2, 3), rand(2, 3))
        two(op, fn, rand(2, 1, 3), rand(4, 1), note="broadcast")
        two(op, fn, at(0, 0, 1, INF, INF, NAN, 1), at(0, INF, 0, INF, -INF, 1, INF), note="at special points")
    two("pow", torch.pow, rand(3, 4, lo=0.1, hi=3), rand(4))
    two("pow", torch.pow, rand(6), at(0, 1, 2, 3, -1, -2), note="of any base to whole exponents")
    two("pow", torch.pow, at(0, 0, 0, 0, 2, 1, INF), at(0, 1, 2, 0.5, 0, 5, 2), note="at zeros")
    two("pow", torch.pow, at(-8), at(1 / 3), note="of a negative to a fraction")
    two("atan2", torch.atan2, rand(3, 4), rand(4))
    two("atan2", torch.atan2, at(1, -1, 0, 0, 1), at(0, 0, 1, -1, -1), note="on the axes")
    two("atan2", torch.atan2, at(0), at(0), note="at the origin")
    for op, fn in [("minimum", torch.minimum), ("maximum", torch.maximum)]:
        two(op, fn, distinct(3, 4), rand(4))
        two(op, fn, at(1, 0, NAN, 1, INF), at(1, 0, 1, NAN, 2), note="at ties and NaN")
    two("remainder", torch.remainder, rand(3, 4, lo=-9, hi=9), rand(4, lo=0.5, hi=3))
    two("remainder", torch.remainder, at(5, -5, 5, -5, 6, 0), at(3, 3, -3, -3, 3, 3), note="of signs")
    ends = [rand(3, 4), rand(4), rand(3, 1, lo=-0.5, hi=1.5)]
    case("pointwise", "lerp", torch.lerp, ends)
    case("pointwise", "lerp", lambda a, b: torch.lerp(a, b, 0.25), [rand(3), rand(3)], 0.25, "by a number")
    chosen = mask([[True, False, True], [False, False, True]])
    case("pointwise", "where", torch.where, [chosen, rand(2, 3), rand(2, 3)])
    case("pointwise", "where", torch.where, [chosen, rand(3), rand(2, 1)], note="broadcast")
    case("pointwise", "maskedFill", lambda x, m: x.masked_fill(m, 7), [rand(2, 3), chosen], 7)


def logic():
    a, b = at(1, 2, NAN, INF, 0), at(1, 3, NAN, INF, -0.0)
    for op, fn in [
        ("equal", torch.eq), ("notEqual", torch.ne), ("less", torch.lt),
        ("lessEqual", torch.le), ("greater", torch.gt), ("greaterEqual", torch.ge),
    ]:
        two(op, fn, a, b, grad=False)
    p, q = mask([True, True, False, False]), mask([True, False, True, False])
    for op, fn in [
        ("logicalAnd", torch.logical_and), ("logicalOr", torch.logical_or), ("logicalXor", torch.logical_xor),
    ]:
        case("pointwise", op, fn, [p, q])
    case("pointwise", "logicalNot", torch.logical_not, [p])
