"""What a golden case is, and how it is written. `make.py` uses it; the cases themselves are in `cases_*.py`."""

import json
import math
import os

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

HERE = os.path.dirname(os.path.abspath(__file__))
_families = {}
_names = set()


def seed(n):
    torch.manual_seed(n)


def rand(*shape, lo=-2.0, hi=2.0):
    """Numbers on a grid of 1/64, so that they are short and exact; never 0, where many rules have a kink."""
    x = torch.rand(shape) * (hi - lo) + lo
    return (torch.floor(x * 64) + 0.5) / 64


def distinct(*shape):
    """Numbers that are all different, at least 1/8 apart."""
    n = math.prod(shape)
    return ((torch.randperm(n) - n / 2) / 8 + 0.03125).reshape(shape)


def at(*values):
    return torch.tensor([float(v) for v in values])


def index(values):
    return torch.tensor(values, dtype=torch.int64)


def mask(values):
    return torch.tensor(values, dtype=torch.bool)


def cotangent(shape):
    """dL/dy of every case, the same formula as in TypeScript: exact, never 0."""
    n = math.prod(shape)
    return torch.tensor([((7 * i) % 13 - 6.5) / 4 for i in range(n)]).reshape(shape)


def number(v):
    v = float(v)
    if math.isnan(v):
        return "nan"
    if math.isinf(v):
        return "inf" if v > 0 else "-inf"
    return int(v) if v == int(v) and abs(v) < 1e15 and math.copysign(1, v) > 0 else v


def encode(t):
    t = t.detach()
    data = t.reshape(-1).tolist()
    out = {"shape": list(t.shape), "data": data if not t.is_floating_point() else [number(v) for v in data]}
    if t.dtype == torch.bool:
        return {**out, "dtype": "bool", "data": [int(v) for v in data]}
    return out if t.is_floating_point() else {**out, "dtype": "int32"}


def case(family, op, fn, inputs, attrs=None, note="", tolerance=None, grad=True):
    """One case: `op` of `inputs` with `attrs` (as TypeScript takes them) is `fn(*inputs)`; its gradient under `cotangent`."""
    name = f"{op} {note}".strip()
    if name in _names:
        raise ValueError(f"two cases are called '{name}'")
    _names.add(name)
    xs = [x.clone().requires_grad_(grad and x.is_floating_point()) for x in inputs]
    out = fn(*xs)
    ys = list(out) if isinstance(out, (tuple, list)) else [out]
    entry = {"name": name, "op": op, "inputs": [encode(x) for x in inputs], "outputs": [encode(y) for y in ys]}
    if attrs is not None:
        entry["attrs"] = attrs
    if tolerance is not None:
        entry["tolerance"] = tolerance
    wanted = [x for x in xs if x.requires_grad]
    terms = [(y * cotangent(y.shape)).sum() for y in ys if y.requires_grad]
    if wanted and terms:
        grads = iter(torch.autograd.grad(sum(terms), wanted, allow_unused=True))
        each = [next(grads) if x.requires_grad else None for x in xs]
        entry["grads"] = [None if g is None else encode(g) for g in each]
    _families.setdefault(family, []).append(entry)


def put(family, entry):
    """An entry of another form (a trajectory, a module)."""
    _families.setdefault(family, []).append(entry)


def write():
    """One JSON file for each family, one line for each case."""
    for family, entries in _families.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        with open(os.path.join(HERE, f"{family}.json"), "w", encoding="utf-8") as file:
            file.write(f"[\n{lines}\n]\n")
        print(f"{family}.json: {len(entries)} cases")
