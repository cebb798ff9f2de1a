"""Products, fused ops, and linear algebra."""

import math

import torch
import torch.nn.functional as F

from golden import at, case, index, mask, rand, seed

INF = float("inf")


def make():
    products()
    convolutions()
    fused()
    losses()
    attention()
    linalg()


def product(op, fn, inputs, attrs=None, note="", **rest):
    case("products", op, fn, inputs, attrs, note, **rest)


def products():
    seed(6)
    product("matmul", torch.matmul, [rand(3, 4), rand(4, 2)])
    product("matmul", lambda a, b: a.T @ b, [rand(4, 3), rand(4, 2)], {"transA": True}, "transA")
    product("matmul", lambda a, b: a @ b.T, [rand(3, 4), rand(2, 4)], {"transB": True}, "transB")
    both = {"transA": True, "transB": True}
    product("matmul", lambda a, b: a.mT @ b.mT, [rand(2, 4, 3), rand(2, 2, 4)], both, "batched, both transposed")
    product("matmul", torch.matmul, [rand(2, 1, 2, 3), rand(3, 3, 2)], None, "broadcast")
    product("dot", torch.dot, [rand(5), rand(5)])
    product("outer", torch.outer, [rand(3), rand(2)])
    product("bilinear", F.bilinear, [rand(2, 3), rand(2, 4), rand(2, 3, 4), rand(2)])
    for equation, *operands in [
        ("ij,jk->ik", rand(2, 3), rand(3, 2)),
        ("bij,bkj->bik", rand(2, 2, 3), rand(2, 4, 3)),
        ("ij->ji", rand(2, 3)),
        ("ij->", rand(2, 3)),
        ("ii->i", rand(3, 3)),
        ("ii", rand(3, 3)),
        ("i,j", rand(2), rand(3)),
        ("i,ij,j->", rand(2), rand(2, 3), rand(3)),
        ("...ij,...jk->...ik", rand(2, 1, 2, 3), rand(2, 3, 2)),
        ("ijk,jl,kl->il", rand(2, 3, 2), rand(3, 2), rand(2, 2)),
    ]:
        product("einsum", lambda *xs: torch.einsum(equation, *xs), operands, equation, equation)
    seed(7)
    indptr, columns = index([0, 2, 2, 5]), index([0, 3, 1, 2, 3])
    rows = index([0, 0, 2, 2, 2])
    dense_of = lambda values: torch.zeros(3, 4).index_put((rows, columns), values)
    product("spmm", lambda p, c, v, x: dense_of(v) @ x, [indptr, columns, rand(5), rand(4, 2)])


def convolutions():
    seed(8)
    product("conv1d", F.conv1d, [rand(2, 3, 6), rand(2, 3, 3)])
    settings = {"stride": 2, "padding": 1, "dilation": 2}
    product("conv1d", lambda x, w: F.conv1d(x, w, **settings), [rand(1, 2, 9), rand(3, 2, 3)], settings, "strided, padded, dilated")
    more = {"padding": 1, "groups": 2}
    biased = lambda x, w, b: F.conv1d(x, w, b, **more)
    product("conv1d", biased, [rand(2, 4, 5), rand(4, 2, 3), rand(4)], more, "in groups, with bias")
    product("conv2d", F.conv2d, [rand(1, 2, 4, 4), rand(2, 2, 3, 2)])
    settings = {"stride": [2, 1], "padding": [1, 0], "dilation": [1, 2]}
    product("conv2d", lambda x, w: F.conv2d(x, w, **settings), [rand(1, 2, 5, 5), rand(2, 2, 2, 2)], settings, "strided, padded, dilated")
    biased = lambda x, w, b: F.conv2d(x, w, b, groups=2)
    product("conv2d", biased, [rand(1, 2, 3, 3), rand(2, 1, 2, 2), rand(2)], {"groups": 2}, "in groups, with bias")


def fuse(op, fn, inputs, attrs=None, note="", **rest):
    case("fused", op, fn, inputs, attrs, note, **rest)


def rms_norm(x, w=None, eps=1e-5):
    y = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps)
    return y if w is None else y * w


def fused():
    seed(9)
    for op, fn in [("softmax", F.softmax), ("logSoftmax", F.log_softmax)]:
        fuse(op, lambda x: fn(x, -1), [rand(2, 3)])
        fuse(op, lambda x: fn(x, 0), [rand(3, 2)], {"axis": 0}, "over columns")
        fuse(op, lambda x: fn(x, -1), [at(1000, 999, -1000)], None, "of large numbers")
    fuse("softmax", lambda x: F.softmax(x, -1), [at(-INF, 1, 2)], None, "with −∞")
    fuse("layerNorm", lambda x, w, b: F.layer_norm(x, (4,), w, b), [rand(2, 3, 4), rand(4), rand(4)])
    fuse("layerNorm", lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-2), [rand(2, 4), rand(4), rand(4)], {"eps": 1e-2}, "eps")
    fuse("layerNorm", lambda x, w, b: F.layer_norm(x, (3,), w, b), [at(1, 1, 1), rand(3), rand(3)], None, "of a constant")
    fuse("rmsNorm", lambda x, w: rms_norm(x, w, 1e-5), [rand(2, 3, 4), rand(4)], {"eps": 1e-5})
    fuse("dropout", lambda x: F.dropout(x, 0.0), [rand(2, 3)], {"p": 0}, "of nothing")
    fuse("dropout", lambda x: F.dropout(x, 1.0), [rand(2, 3)], {"p": 1}, "of everything")


def losses():
    seed(10)
    logits, target = rand(4, 3), index([0, 2, 1, 2])
    weight = at(0.5, 2, 1)
    for op, prepare, fn in [
        ("crossEntropy", lambda x: x, F.cross_entropy),
        ("nll", lambda x: F.log_softmax(x, -1), F.nll_loss),
    ]:
        x = prepare(logits)
        for reduction in ("mean", "sum", "none"):
            rest = {"reduction": reduction}
            fuse(op, lambda x, t: fn(x, t, **rest), [x, target], rest, reduction)
            full = {**rest, "ignoreIndex": 2, "weight": encode_weight(weight)}
            fuse(op, lambda x, t: fn(x, t, weight=weight, ignore_index=2, **rest), [x, target], full, f"{reduction}, weighted, ignoring")
    for reduction in ("mean", "sum", "none"):
        rest = {"reduction": reduction}
        full = {**rest, "labelSmoothing": 0.1, "weight": encode_weight(weight), "ignoreIndex": 1}
        fuse("crossEntropy", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1, weight=weight, ignore_index=1, **rest), [logits, target], full, f"{reduction}, smoothed, weighted, ignoring")
        smooth = {**rest, "labelSmoothing": 0.1}
        fuse("crossEntropy", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1, **rest), [logits, target], smooth, f"{reduction}, smoothed")
        p, y = rand(2, 3, lo=0.1, hi=0.9), at(1, 0, 1, 0.25, 0, 1).reshape(2, 3)
        fuse("bce", lambda p: F.binary_cross_entropy(p, y, **rest), [p], {**rest, "target": encode_weight(y)}, reduction)
        fuse("bceWithLogits", lambda x: F.binary_cross_entropy_with_logits(x, y, **rest), [rand(2, 3)], {**rest, "target": encode_weight(y)}, reduction)
        fuse("mse", lambda a, b: F.mse_loss(a, b, **rest), [rand(2, 3), rand(2, 3)], rest, reduction)
        fuse("huber", lambda a, b: F.huber_loss(a, b, delta=0.5, **rest), [rand(2, 3), rand(2, 3)], {**rest, "delta": 0.5}, reduction)
    huge = at(0, 800, -800, 40)
    y = at(1, 1, 1, 0)
    fuse("bceWithLogits", lambda x: F.binary_cross_entropy_with_logits(x, y, reduction="none"), [huge], {"reduction": "none", "target": encode_weight(y)}, "of large numbers")
    edges = at(0, 1, 0, 1)
    y = at(0, 1, 1, 0)
    fuse("bce", lambda p: F.binary_cross_entropy(p, y, reduction="none"), [edges], {"reduction": "none", "target": encode_weight(y)}, "at 0 and 1", grad=False)
    fuse("huber", lambda a, b: F.huber_loss(a, b, reduction="none"), [at(1, -1, 0, 3), at(0, 0, 0, 0)], {"reduction": "none"}, "at the knee")


def encode_weight(w):
    return w.tolist()


def attend(q, k, v, bias=0.0):
    scores = q @ k.mT / math.sqrt(q.shape[-1]) + bias
    return F.softmax(scores, -1) @ v


def attention():
    seed(11)
    op = "scaledDotProductAttention"
    q, k, v = rand(2, 3, 4), rand(2, 5, 4), rand(2, 5, 2)
    fuse(op, attend, [q, k, v])
    fuse(op, attend, [rand(1, 2, 3, 4), rand(1, 2, 5, 4), rand(1, 2, 5, 4)], None, "with heads")
    q, k, v = rand(2, 4, 3), rand(2, 4, 3), rand(2, 4, 3)
    upper = torch.full((4, 4), -INF).triu(1)
    fuse(op, lambda q, k, v: attend(q, k, v, upper), [q, k, v], {"causal": True}, "causal")
    allowed = mask([[True, False, True, True], [True, True, False, False], [False, False, False, True], [True] * 4])
    bias = torch.zeros(4, 4).masked_fill(~allowed, -INF)
    fuse(op, lambda q, k, v: attend(q, k, v, bias), [q, k, v], {"mask": allowed.tolist()}, "masked")
    allowed[1] = False
    bias = torch.zeros(4, 4).masked_fill(~allowed, -INF)
    blind = lambda q, k, v: attend(q, k, v, bias)[:1]
    fuse(op, blind, [q[:1], k[:1], v[:1]], {"mask": allowed.tolist()}, "where a query sees nothing", grad=False)


def algebra(op, fn, inputs, attrs=None, note="", **rest):
    case("linalg", op, fn, inputs, attrs, note, **rest)


def graded(m, n):
    """A matrix whose singular values are far apart, so that nothing amplifies the last digit."""
    k = min(m, n)
    u, _ = torch.linalg.qr(torch.randn(m, k))
    v, _ = torch.linalg.qr(torch.randn(n, k))
    s = torch.linspace(3, 0.75, k)
    return torch.round((u * s) @ v.T * 1024) / 1024


def positive(n):
    a = graded(n, n)
    return torch.round((a @ a.T) * 1024) / 1024 + 0.25 * torch.eye(n)


def signed_qr(a):
    """QR with a diagonal of R that is not negative, which makes it unique."""
    q, r = torch.linalg.qr(a)
    s = torch.sign(torch.diagonal(r, 0, -2, -1)).detach()
    return q * s[..., None, :], r * s[..., :, None]


def projector(u, j):
    """The projector on the first j columns: what singular vectors mean, free of their signs."""
    return u[:, :j] @ u[:, :j].T


def linalg():
    seed(12)
    for m, n in [(3, 3), (5, 3), (3, 5), (1, 4), (8, 8)]:
        algebra("svdvals", torch.linalg.svdvals, [graded(m, n)], None, f"{m}×{n}")
    algebra("svdvals", torch.linalg.svdvals, [torch.diag(at(2, 2, 1))], None, "that repeat", grad=False)
    algebra("svdvals", torch.linalg.svdvals, [torch.outer(at(1, 2, 2), at(2, 1))], None, "of rank 1", grad=False)

    def through_u(a):
        u, s, vh = torch.linalg.svd(a, full_matrices=False)
        return s, projector(u, 2), projector(vh.T, 2)

    algebra("svd", through_u, [graded(4, 3)], {"projectors": 2}, "values and projectors")
    algebra("svd", through_u, [graded(3, 4)], {"projectors": 2}, "of a wide matrix, values and projectors")
    algebra("qr", signed_qr, [graded(4, 3)])
    algebra("qr", signed_qr, [graded(3, 3)], None, "square")
    algebra("cholesky", lambda a: torch.linalg.cholesky((a + a.T) / 2), [positive(4)])
    low = graded(3, 3).tril() + 2 * torch.eye(3)
    solve = torch.linalg.solve_triangular
    algebra("solveTriangular", lambda a, b: solve(a, b, upper=False), [low, rand(3, 2)], {"upper": False}, "lower")
    algebra("solveTriangular", lambda a, b: solve(a, b, upper=True), [low.T.contiguous(), rand(3, 2)], {"upper": True}, "upper")
    algebra("solve", torch.linalg.solve, [graded(4, 4), rand(4, 2)])
    algebra("solve", torch.linalg.solve, [graded(3, 3), rand(3)], None, "for a vector")
    algebra("inv", torch.linalg.inv, [graded(4, 4)])
    algebra("det", torch.linalg.det, [graded(4, 4)])
    algebra("slogdet", lambda a: tuple(torch.linalg.slogdet(a)), [graded(4, 4)])

    def symmetric_eigh(a):
        w, q = torch.linalg.eigh((a + a.T) / 2)
        return w, projector(q, 2)

    algebra("eigh", symmetric_eigh, [positive(4)], {"projectors": 2}, "values and projectors")
    algebra("pinv", torch.linalg.pinv, [graded(4, 2)], None, "of a tall matrix")
    algebra("pinv", torch.linalg.pinv, [graded(2, 4)], None, "of a wide matrix")
    for ord_ in ["fro", "nuc", 2, -2, 1, INF]:
        name = "inf" if ord_ == INF else ord_
        algebra("matrixNorm", lambda a: torch.linalg.matrix_norm(a, ord_), [graded(3, 4)], {"ord": name}, f"{name}")
