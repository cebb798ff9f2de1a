"""Writes functions.json: arguments and correctly rounded values of real functions, by 60 digits of mpmath.

    python3 test/golden/functions.py

Arguments are drawn from a fixed generator: magnitudes log-uniform over a range, some near a singular point.
"""

import json
import math
import pathlib
import random

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60
rng = random.Random(20240527)
COUNT = 40


def size(low, high):
    """A number of either sign whose magnitude is log-uniform."""
    return math.copysign(math.exp(rng.uniform(math.log(low), math.log(high))), rng.uniform(-1, 1))


def near(point, reach, side):
    """A number within `reach` of a point, on one side of it, log-uniformly close."""
    return point + side * abs(size(1e-15, reach))


def either(*makers):
    return lambda: rng.choice(makers)()


wide = lambda: abs(size(1e-300, 1e300))
about_one = lambda: 1 + size(1e-15, 0.9)
tiny = lambda: size(1e-300, 1e-3)
unit = lambda: size(1e-20, 0.99)
angle = lambda: size(1e-10, 10)
far_angle = lambda: size(10, 1e15)
ends = lambda: near(1, 0.5, -1) * rng.choice([-1, 1])
moderate = lambda: size(1e-8, 40)
tail = lambda: size(40, 700)

sigmoid = lambda x: 1 / (1 + mpmath.exp(-x))
softplus = lambda x: mpmath.log1p(mpmath.exp(x))

FUNCTIONS = {
    "exp": (mpmath.exp, either(unit, tail)),
    "expm1": (mpmath.expm1, either(tiny, moderate, tail)),
    "log": (mpmath.log, either(wide, about_one)),
    "log1p": (mpmath.log1p, either(tiny, wide, lambda: near(-1, 0.9, 1))),
    "log2": (lambda x: mpmath.log(x) / mpmath.log(2), either(wide, about_one)),
    "sqrt": (mpmath.sqrt, wide),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), wide),
    "sin": (mpmath.sin, either(tiny, angle, far_angle)),
    "cos": (mpmath.cos, either(tiny, angle, far_angle)),
    "tan": (mpmath.tan, either(tiny, angle, far_angle)),
    "asin": (mpmath.asin, either(tiny, unit, ends)),
    "acos": (mpmath.acos, either(tiny, unit, ends)),
    "atan": (mpmath.atan, either(tiny, angle, far_angle)),
    "sinh": (mpmath.sinh, either(tiny, moderate, tail)),
    "cosh": (mpmath.cosh, either(tiny, moderate, tail)),
    "tanh": (mpmath.tanh, either(tiny, moderate)),
    "asinh": (mpmath.asinh, either(tiny, moderate, lambda: size(1, 1e308))),
    "acosh": (mpmath.acosh, either(lambda: near(1, 0.5, 1), lambda: 1 + abs(size(1, 1e308)))),
    "atanh": (mpmath.atanh, either(tiny, unit, ends)),
    "sigmoid": (sigmoid, either(tiny, moderate, tail)),
    "logSigmoid": (lambda x: -softplus(-x), either(tiny, moderate, tail)),
    "softplus": (softplus, either(tiny, moderate, tail)),
    "silu": (lambda x: x * sigmoid(x), either(tiny, moderate, tail)),
    "mish": (lambda x: x * mpmath.tanh(softplus(x)), either(tiny, moderate, tail)),
    "pow": (mpmath.power, lambda: (abs(size(1e-3, 1e3)), size(1e-3, 100))),
    "atan2": (mpmath.atan2, lambda: (size(1e-10, 1e10), size(1e-10, 1e10))),
}


def case(function, draw):
    """[arguments, value] whose value is an ordinary double."""
    while True:
        arguments = draw()
        arguments = list(arguments) if isinstance(arguments, tuple) else [arguments]
        value = float(function(*map(mpf, arguments)))
        if math.isfinite(value) and abs(value) > 1e-300:
            return [arguments, value]


if __name__ == "__main__":
    table = {name: [case(*spec) for _ in range(COUNT)] for name, spec in FUNCTIONS.items()}
    lines = [f'  "{name}": {json.dumps(cases)}' for name, cases in table.items()]
    path = pathlib.Path(__file__).with_name("functions.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
