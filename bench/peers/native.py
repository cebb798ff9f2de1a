"""PyTorch or numpy as a contender: the protocol of child.ts, the inputs of inputs.ts. One thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 native.py torch|numpy
"""
import json
import math
import sys
import time

import numpy as np

WARMUP = 0.3


def unit(seed, n):
    with np.errstate(over="ignore"):
        i = np.arange(n, dtype=np.uint32)
        x = i * np.uint32(0x9E3779B1) + np.uint32((seed * 0x85EBCA6B) & 0xFFFFFFFF)
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
        x = x ^ (x >> np.uint32(16))
    return x.astype(np.float64) / 2**32


def uniform(seed, shape, scale=1.0, dtype=np.float32):
    return ((2 * unit(seed, math.prod(shape)) - 1) * scale).astype(dtype).reshape(shape)


def wholes(seed, n, below):
    return np.floor(unit(seed, n) * below).astype(np.int64)


def sparse(seed, n, degree):
    degrees = wholes(seed, n, 2 * degree - 1) + 1
    indptr = np.concatenate([[0], np.cumsum(degrees)])
    row = np.repeat(np.arange(n), degrees)
    e = np.arange(indptr[-1])
    indices = np.floor((e - indptr[row] + unit(seed + 1, len(e))) * n / degrees[row]).astype(np.int64)
    return indptr, indices, uniform(seed + 2, (len(e),))


def mlp_weights(widths):
    found = []
    for i, (n, m) in enumerate(zip(widths, widths[1:])):
        scale = 1 / math.sqrt(n)
        found += [(f"{2 * i}.weight", (m, n), scale), (f"{2 * i}.bias", (m,), scale)]
    return found


def block_weights(d, ff):
    s, t = 1 / math.sqrt(d), 1 / math.sqrt(ff)
    return [
        ("self_attn.in_proj_weight", (3 * d, d), s), ("self_attn.in_proj_bias", (3 * d,), s),
        ("self_attn.out_proj.weight", (d, d), s), ("self_attn.out_proj.bias", (d,), s),
        ("linear1.weight", (ff, d), s), ("linear1.bias", (ff,), s),
        ("linear2.weight", (d, ff), t), ("linear2.bias", (d,), t),
        ("norm1.weight", (d,), 1), ("norm1.bias", (d,), 1), ("norm2.weight", (d,), 1), ("norm2.bias", (d,), 1),
    ]


def values_of(weights):
    return {name: uniform(100 + i, shape, scale) for i, (name, shape, scale) in enumerate(weights)}


def digest(y):
    y = np.asarray(y).reshape(-1)
    spread = [float(y[(len(y) - 1) * j // 6]) for j in range(7)]
    return [float(np.abs(y).mean(dtype=np.float64)), *spread]


def blas():
    """The library behind products; torch and numpy load it when they are imported."""
    with open("/proc/self/maps") as maps:
        loaded = maps.read().lower()
    return next((name for name in ("openblas", "mkl", "blis", "atlas") if name in loaded), None)


SLOW = "not measured on the reference BLAS, ten times slower: apt-get install libopenblas0-pthread"
NEED_BLAS = ("matmul", "lowRank", "sst", "mlp", "block", "svd", "hybonet")


def some_values(s):
    return [float(s[0]), float(s[len(s) // 2]), float(s[-1])]


def accuracy(a, u, s, vt):
    u, s, vt = (np.asarray(x, dtype=np.float64) for x in (u, s, vt))
    one = np.eye(len(s))
    apart = max(np.abs(u.T @ u - one).max(), np.abs(vt @ vt.T - one).max())
    return {"orthogonality": float(apart), "residual": float(np.abs(u * s @ vt - a).max() / s[0])}


class Work:
    """A function to time; its result is what it returned last, digested, unless losses are kept."""

    def __init__(self, f, result=None, notes=None):
        self.f, self.own, self.notes = f, result, notes
        self.last = None

    def run(self):
        self.last = self.f()

    def result(self):
        return self.own(self.last) if self.own else digest(self.last)


def decomposition(task, tensor, svd):
    a = uniform(1, (task["n"],) * 2, 1.0, np.float64 if task["dtype"] == "float64" else np.float32)
    x = tensor(a)
    work = Work(lambda: svd(x), lambda parts: some_values(parts[1]))
    work.notes = lambda: accuracy(a, *work.last)
    return work


def by_numpy(task):
    kind = task["kind"]
    if kind == "map":
        x = uniform(1, (task["n"],), 4)
        if task["f"] == "gelu":
            raise ValueError("has no erf")
        return Work(lambda f=getattr(np, task["f"]): f(x))
    if kind in ("softmax", "layerNorm"):
        x = uniform(1, (task["rows"], task["columns"]))
        weight, bias = uniform(2, (task["columns"],)), uniform(3, (task["columns"],))

        def softmax():
            e = np.exp(x - x.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)

        def layer_norm():
            c = x - x.mean(axis=1, keepdims=True)
            return c / np.sqrt((c * c).mean(axis=1, keepdims=True) + np.float32(1e-5)) * weight + bias

        return Work(softmax if kind == "softmax" else layer_norm)
    if kind == "svd":
        return decomposition(task, lambda a: a, lambda a: np.linalg.svd(a, full_matrices=False))
    if kind in ("matmul", "lowRank", "sst"):
        return products(task, lambda x: x, lambda x: np.swapaxes(x, -1, -2), lambda x: x.sum(axis=0))
    raise ValueError("has no sparse matrices" if kind == "sparse" else "has no gradients")


def products(task, tensor, flip, total):
    """Matrix products, with the operators that numpy and PyTorch share."""
    if task["kind"] == "matmul":
        m, k, n, lead = task["m"], task["k"], task["n"], (task["batch"],) if task["batch"] > 1 else ()
        a = tensor(uniform(1, lead + ((k, m) if task["transA"] else (m, k))))
        b = tensor(uniform(2, lead + ((n, k) if task["transB"] else (k, n))))
        x, y = flip(a) if task["transA"] else a, flip(b) if task["transB"] else b
        return Work(lambda: x @ y)
    b, n, r, m = (task[name] for name in "bnrm")
    if task["kind"] == "lowRank":
        x, p, q = (tensor(uniform(i + 1, s)) for i, s in enumerate([(b, n), (n, r), (r, m)]))
        return Work(lambda: (x @ p) @ q)
    shapes = [(b, n), (r, n), (r, m), (r,), (b, m)]
    x, vt, ut, s, dy = (tensor(uniform(i + 1, shape)) for i, shape in enumerate(shapes))

    def sst():
        z, p = x @ flip(vt), dy @ flip(ut)
        return [(z * s) @ ut, (p * s) @ vt, flip(z) @ dy, flip(p) @ x, total(p * z)]

    return Work(sst, lambda parts: [v for part in parts for v in digest(part)])


def serve(version, make):
    def reply(answer):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def spend(count):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            work.run()
        return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3

    work = None
    reply({"version": version, "about": f"one thread, {blas() or 'reference'} BLAS"})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                if blas() is None and request["prepare"]["kind"] in NEED_BLAS:
                    raise ValueError(SLOW)
                work, start = None, time.perf_counter()
                work = make(request["prepare"])
                spend(2)
                answer = {"result": work.result(), "notes": work.notes() if work.notes else None}
                while time.perf_counter() - start < WARMUP:
                    spend(1)
                reply(answer)
                continue
            budget = request["measure"]
            wall, cpu = spend(1)
            runs = 1
            if wall <= budget:
                each = max(1, int(1 / wall))
                total = [0.0, 0.0]
                runs = 0
                while total[0] < budget:
                    wall, cpu = spend(each)
                    total, runs = [total[0] + wall, total[1] + cpu], runs + each
                wall, cpu = total[0] / runs, total[1] / runs
            reply({"wall": wall, "cpu": cpu, "runs": runs})
        except Exception as error:  # whatever a library says is an answer
            reply({"why": str(error).split("\n")[0] or type(error).__name__})


if __name__ == "__main__":
    if sys.argv[1] == "torch":
        from native_torch import by_torch, version

        serve(version, by_torch)
    else:
        serve(np.__version__, by_numpy)
