"""Reductions, and ops that move elements."""

import torch
import torch.nn.functional as F

from golden import at, case, distinct, index, mask, rand, seed

INF, NAN = float("inf"), float("nan")


def make():
    reductions()
    ordered()
    layout()
    indexing()


def reduce(op, fn, x, attrs=None, note="", **rest):
    case("reductions", op, fn, [x], attrs, note, **rest)


def reductions():
    seed(3)
    for op, fn in [("sum", torch.sum), ("mean", torch.mean)]:
        reduce(op, fn, rand(2, 3))
        reduce(op, lambda x: fn(x, 1), rand(2, 3, 2), {"axis": 1}, "over one axis")
        reduce(op, lambda x: fn(x, (0, -1), keepdim=True), rand(2, 3, 2), {"axis": [0, -1], "keepDims": True}, "kept")
    reduce("prod", torch.prod, rand(2, 3))
    reduce("prod", lambda x: torch.prod(x, 1), rand(2, 3, 2), {"axis": 1}, "over one axis")
    reduce("prod", torch.prod, at(2, 0, 3), None, "with a zero")
    reduce("prod", torch.prod, at(2, 0, 3, 0), None, "with two zeros")
    for op, fn in [("max", torch.amax), ("min", torch.amin)]:
        reduce(op, fn, distinct(2, 3))
        reduce(op, lambda x: fn(x, 1, keepdim=True), distinct(2, 3, 2), {"axis": 1, "keepDims": True}, "kept")
        reduce(op, lambda x: fn(x, (0, 1)), at(1, 3, 3, 1, 3, 1).reshape(2, 3), {"axis": [0, 1]}, "at ties")
        reduce(op, fn, at(1, NAN, 3), None, "with NaN", grad=False)
    for op, fn in [("var", torch.var), ("std", torch.std)]:
        reduce(op, lambda x: fn(x, unbiased=True), rand(2, 3), None)
        reduce(op, lambda x: fn(x, 0, unbiased=False), rand(4, 3), {"axis": 0, "correction": 0}, "of the population")
        reduce(op, lambda x: fn(x, (0, 2), keepdim=True), rand(2, 3, 2), {"axis": [0, 2], "keepDims": True}, "kept")
        reduce(op, lambda x: fn(x, unbiased=True), at(2, 2, 2), None, "of a constant")
    reduce("logSumExp", lambda x: torch.logsumexp(x, (0, 1)), rand(2, 3))
    reduce("logSumExp", lambda x: torch.logsumexp(x, -1), rand(2, 3), {"axis": -1}, "over one axis")
    reduce("logSumExp", lambda x: torch.logsumexp(x, 0), at(1000, 1001, -1000), None, "of large numbers")
    reduce("logSumExp", lambda x: torch.logsumexp(x, 0), at(-INF, 1, -INF), None, "with −∞")
    for p in (1, 2, INF):
        ord_ = "inf" if p == INF else p
        norm = lambda x, **rest: torch.linalg.vector_norm(x, p, **rest)
        reduce("norm", norm, distinct(2, 3), {"p": ord_}, f"{ord_}")
        reduce("norm", lambda x: norm(x, dim=1, keepdim=True), distinct(2, 3), {"p": ord_, "axis": 1, "keepDims": True}, f"{ord_} kept")
        reduce("norm", norm, at(0, 0, 0), {"p": ord_}, f"{ord_} of a zero vector")
    reduce("norm", lambda x: torch.linalg.vector_norm(x, INF), at(3, -3, 1), {"p": "inf"}, "inf at ties")
    reduce("cumsum", lambda x: torch.cumsum(x, 0), rand(3, 2), {"axis": 0})
    reduce("cumsum", lambda x: torch.cumsum(x, -1), rand(2, 4), {"axis": -1}, "of rows")
    reduce("cumprod", lambda x: torch.cumprod(x, 0), rand(3, 2), {"axis": 0})
    reduce("cumprod", lambda x: torch.cumprod(x, 0), at(2, 3, 0, 4, 5), {"axis": 0}, "with a zero")
    reduce("cumprod", lambda x: torch.cumprod(x, 0), at(2, 0, 3, 0, 5), {"axis": 0}, "with two zeros")


def ordered():
    x = distinct(3, 4)
    reduce("argmax", lambda x: torch.argmax(x, 1), x, {"axis": 1}, grad=False)
    reduce("argmin", lambda x: torch.argmin(x, 0), x, {"axis": 0}, grad=False)
    truth = mask([[True, False], [True, True]])
    case("reductions", "any", lambda m: torch.any(m, 0), [truth], {"axis": 0})
    case("reductions", "all", lambda m: torch.all(m, 1), [truth], {"axis": 1})
    sorted_ = lambda x, **rest: tuple(torch.sort(x, **rest))
    case("reductions", "sort", lambda x: sorted_(x, dim=1), [distinct(2, 4)], {"axis": 1})
    case("reductions", "sort", lambda x: sorted_(x, dim=0, descending=True), [distinct(3, 2)], {"axis": 0, "descending": True}, "descending")
    case("reductions", "topk", lambda x: tuple(torch.topk(x, 2)), [distinct(2, 4)], {"k": 2})
    case("reductions", "topk", lambda x: tuple(torch.topk(x, 2, 0, largest=False)), [distinct(4, 2)], {"k": 2, "axis": 0, "largest": False}, "smallest")


def move(op, fn, inputs, attrs=None, note="", **rest):
    case("shape", op, fn, inputs, attrs, note, **rest)


def layout():
    seed(4)
    x = rand(2, 3, 4)
    move("reshape", lambda x: x.reshape(4, -1), [x], [4, -1])
    move("permute", lambda x: x.permute(2, 0, 1), [x], [2, 0, 1])
    move("transpose", lambda x: x.transpose(0, 2), [x], [0, 2])
    move("squeeze", lambda x: x.squeeze(1), [rand(2, 1, 3)], 1)
    move("unsqueeze", lambda x: x.unsqueeze(-1), [rand(2, 3)], -1)
    move("expand", lambda x: x.expand(2, 4, 3), [rand(4, 1)], [2, 4, 3])
    move("concat", lambda *xs: torch.cat(xs, 1), [rand(2, 1), rand(2, 3), rand(2, 2)], {"axis": 1})
    move("stack", lambda *xs: torch.stack(xs, 1), [rand(2, 3), rand(2, 3)], {"axis": 1})
    move("split", lambda x: torch.split(x, 2, 1), [rand(2, 5)], {"size": 2, "axis": 1})
    move("split", lambda x: torch.split(x, [1, 3], 0), [rand(4, 2)], {"size": [1, 3], "axis": 0}, "by sizes")
    move("chunk", lambda x: torch.chunk(x, 3, 0), [rand(7, 2)], {"chunks": 3, "axis": 0})
    move("slice", lambda x: x[0:2, 1:, -1], [x], [[0, 2], [1], -1])
    move("slice", lambda x: x[:, ::2, 1:4:2], [x], [None, [None, None, 2], [1, 4, 2]], "with steps")
    move("slice", lambda x: x.flip(1)[:, ::2], [rand(2, 5)], [None, [None, None, -2]], "backwards")
    move("pad", lambda x: F.pad(x, (1, 2, 0, 1)), [rand(2, 3)], {"width": [[0, 1], [1, 2]]})
    move("pad", lambda x: F.pad(x, (1, 0), value=5), [rand(3)], {"width": [[1, 0]], "value": 5}, "with a value")
    for mode, theirs in [("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")]:
        padded = lambda x: F.pad(x[None], (2, 1), theirs)[0]
        move("pad", padded, [rand(2, 4)], {"width": [[0, 0], [2, 1]], "mode": mode}, f"mode {mode}")
    move("flip", lambda x: x.flip(0, 2), [x], [0, 2])
    move("roll", lambda x: x.roll((1, -2), (0, 1)), [rand(3, 4)], {"shift": [1, -2], "axis": [0, 1]})
    move("roll", lambda x: x.roll(2), [rand(2, 3)], {"shift": 2}, "of all elements")
    for op, fn in [("tril", torch.tril), ("triu", torch.triu)]:
        move(op, fn, [rand(3, 4)])
        move(op, lambda x: fn(x, 1), [rand(2, 3, 3)], {"offset": 1}, "off the diagonal")
    move("diag", torch.diag, [rand(3)])
    move("diag", lambda x: torch.diag(x, -1), [rand(3, 4)], {"offset": -1}, "of a matrix")
    move("diagonal", lambda x: torch.diagonal(x, 1, 0, 2), [x], {"offset": 1, "axes": [0, 2]})
    move("repeat", lambda x: x.repeat(2, 1, 3), [rand(2, 2)], [2, 1, 3])


def indexing():
    seed(5)
    x = rand(3, 4)
    at_ = index([[0, 2, 1, 0], [1, 1, 2, 0]])
    move("gather", lambda x, i: torch.gather(x, 0, i), [x, at_], {"axis": 0})
    move("gather", lambda x, i: torch.gather(x, 1, i), [x, index([[0, 0], [3, 1], [2, 2]])], {"axis": 1}, "of rows")
    move("takeAlongAxis", lambda x, i: torch.take_along_dim(x, i, 0), [x, at_], {"axis": 0})
    move("scatterAdd", lambda x, i, v: x.scatter_add(0, i, v), [x, at_, rand(2, 4)], {"axis": 0})
    move("indexSelect", lambda x, i: torch.index_select(x, 1, i), [x, index([3, 0, 0])], {"axis": 1})
    move("indexAdd", lambda x, i, v: x.index_add(0, i, v), [x, index([2, 0, 2]), rand(3, 4)], {"axis": 0})
    move("oneHot", lambda i: F.one_hot(i, 4).to(torch.float64), [index([[0, 3], [1, 1]])], {"classes": 4, "dtype": "float64"})
    move("embedding", lambda w, i: F.embedding(i, w), [rand(5, 3), index([[0, 4], [4, 1]])])
    move("embedding", lambda w, i: F.embedding(i, w, padding_idx=4), [rand(5, 3), index([0, 4, 1])], {"paddingIndex": 4}, "with padding")
