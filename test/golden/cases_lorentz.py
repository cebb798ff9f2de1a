"""HyboNet's Transformer, written out from its formulas on the hyperboloid: logits, a loss, and some of its gradients."""

import torch

from cases_models import heads_of, linear, record, table
from golden import mask, seed

SIZES = {"sourceVocabulary": 7, "vocabulary": 5, "embedDim": 8, "heads": 2, "layers": 1, "feedForward": 6, "maxLength": 4, "dropout": 0}


def make():
    seed(37)
    translation("", {**SIZES, "layers": 2})
    translation("flatter, target tied", {**SIZES, "c": 0.25, "tie": "target"})
    translation("paper form, one table, tanh", {**SIZES, "sourceVocabulary": 5, "c": 2, "tie": "all", "form": "paper", "activation": "tanh"})


def squared(x):
    """<x, x> of the last axis, time first."""
    return (x[..., 1:] ** 2).sum(-1) - x[..., 0] ** 2


def from_space(space, c):
    """Time such that <x, x> = -1/c."""
    return torch.cat([(1 / c + (space**2).sum(-1, keepdim=True)).sqrt(), space], -1)


def point(z, scale, c):
    """Chen et al., arXiv 2105.14686: how far out the first number says, where to the others do. Without a scale, time follows from space."""
    if scale is None:
        return from_space(z, c)
    time = torch.sigmoid(z[..., :1]) * torch.exp(scale) + 1.1
    length = z[..., 1:].norm(dim=-1, keepdim=True)
    return torch.cat([time, z[..., 1:] / length * (time**2 - 1).sqrt()], -1) / c**0.5


def lorentz_linear(p, name, x, c, heads=1, residual=None):
    z, scale = linear(p, f"{name}.map", x), p.get(f"{name}.scale")
    if residual is not None:
        z = z + (residual[..., 1:] if scale is None else residual)
    return point(z.view(*z.shape[:-1], heads, -1), scale, c).flatten(-2)


def attention(p, name, x, memory, seen, c, heads):
    """Weights from differences of all pairs of points; seen [b, 1, t, s]."""
    q, k, v = (heads_of(lorentz_linear(p, f"{name}.{part}", y, c, heads), heads) for part, y in (("q_proj", x), ("k_proj", memory), ("v_proj", memory)))
    apart = squared(q[:, :, :, None] - k[:, :, None])
    weights = (-c * apart / p[f"{name}.scale"]).masked_fill(~seen, -1e30).softmax(-1)
    sums = weights @ v
    centroids = sums / (-c * squared(sums)).sqrt()[..., None]
    return lorentz_linear(p, f"{name}.out_proj", centroids.transpose(1, 2).flatten(-2), c, residual=x)


def layer(p, name, x, memory, seen, across, c, sizes):
    x = attention(p, f"{name}.self_attn", x, x, seen, c, sizes["heads"])
    if memory is not None:
        x = attention(p, f"{name}.multihead_attn", x, memory, across, c, sizes["heads"])
    inner = lorentz_linear(p, f"{name}.linear1", x, c)
    f = torch.tanh if sizes.get("activation") == "tanh" else torch.relu
    return lorentz_linear(p, f"{name}.linear2", f(inner), c, residual=x)


def shapes_of(sizes):
    """Names and shapes, but for the tables of points."""
    d, ff = sizes["embedDim"], sizes["feedForward"]
    paper = sizes.get("form") == "paper"
    shapes = {}

    def dense(name, n, m, heads=1, bias=True):
        m -= heads if paper else 0
        shapes.update({f"{name}.map.weight": (m, n)} | ({f"{name}.map.bias": (m,)} if bias else {}) | ({} if paper else {f"{name}.scale": ()}))

    for side in ("encoder", "decoder"):
        shapes[f"{side}.embed_positions.weight"] = (sizes["maxLength"], d)
        dense(f"{side}.embed_map", d, d, bias=False)
        for i in range(sizes["layers"]):
            at = f"{side}.layers.{i}"
            for name in ("self_attn",) if side == "encoder" else ("self_attn", "multihead_attn"):
                shapes[f"{at}.{name}.scale"] = ()
                for part in "qkv":
                    dense(f"{at}.{name}.{part}_proj", d, d, sizes["heads"])
                dense(f"{at}.{name}.out_proj", d, d, bias=False)
            dense(f"{at}.linear1", d, ff)
            dense(f"{at}.linear2", ff, d)
    return shapes | {"lm_head.bias": (sizes["vocabulary"],)}


def parameters(sizes, c):
    """Numbers on a grid; scales of attention positive, those of time near ln 10; points where their space puts them."""
    p = table(shapes_of(sizes))
    tables = {"decoder.embed_tokens.weight": sizes["vocabulary"]}
    if sizes.get("tie") != "all":
        tables["encoder.embed_tokens.weight"] = sizes["sourceVocabulary"]
    if sizes.get("tie", "none") == "none":
        tables["lm_head.points"] = sizes["vocabulary"]
    space = table({name: (count, sizes["embedDim"] - 1) for name, count in tables.items()})
    with torch.no_grad():
        for name, value in p.items():
            if name.endswith("scale"):
                value += 2.5
        for name, value in space.items():
            p[name] = from_space(value, c).requires_grad_()
    return p


def translation(note, sizes):
    c = sizes.get("c", 1)
    p = parameters(sizes, c)
    source, target = torch.randint(0, sizes["sourceVocabulary"], (2, 4)), torch.randint(0, sizes["vocabulary"], (2, 3))
    following = torch.randint(0, sizes["vocabulary"], (2, 3))
    there = mask([[True] * 4, [True, True, True, False]])
    words = p["decoder.embed_tokens.weight"]

    def embedded(side, tokens, points):
        places = p[f"{side}.embed_positions.weight"][: tokens.shape[1]]
        return lorentz_linear(p, f"{side}.embed_map", points[tokens], c, residual=places)

    def forward():
        across = there[:, None, None, :]
        causal = torch.ones(3, 3, dtype=torch.bool).tril()[None, None]
        x = embedded("encoder", source, p.get("encoder.embed_tokens.weight", words))
        for i in range(sizes["layers"]):
            x = layer(p, f"encoder.layers.{i}", x, None, across, None, c, sizes)
        y = embedded("decoder", target, words)
        for i in range(sizes["layers"]):
            y = layer(p, f"decoder.layers.{i}", y, x, causal, across, c, sizes)
        classes = p.get("lm_head.points", words)
        return p["lm_head.bias"] + 2 + 2 * c * (y[..., 1:] @ classes[:, 1:].T - y[..., :1] @ classes[:, :1].T)

    few = ("embed", "head", "scale", "encoder.layers.0.self_attn.k", "decoder.layers.0.multihead_attn.v", "layers.0.linear2")
    wanted = [name for name in p if any(part in name for part in few)]
    inputs = {"tokens": source, "target": target, "next": following, "mask": there}
    record(f"lorentz transformer {note}", sizes, p, wanted, forward, inputs, following, torch.ones_like(target, dtype=torch.bool))
