"""Small language and translation models, written out from the published architectures: logits, a loss, and some of its gradients."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from golden import encode, mask, number, put, seed

SIZES = {"vocabulary": 11, "embedDim": 8, "heads": 2, "layers": 2, "feedForward": 12, "maxLength": 16}


def make():
    seed(31)
    language("opt", "", opt, SIZES)
    language("opt", "norm last, projected", opt, {**SIZES, "wordDim": 4, "normFirst": False})
    language("llama", "", llama, SIZES)
    translation("norm last", {**SIZES, "sourceVocabulary": 7, "dropout": 0, "tie": "target"})
    translation("norm first, gelu", {**SIZES, "layers": 1, "vocabulary": 7, "sourceVocabulary": 7, "dropout": 0, "tie": "all", "normFirst": True, "activation": "gelu"})
    translation("nothing tied", {**SIZES, "layers": 1, "sourceVocabulary": 7, "dropout": 0, "tie": "none"})


def table(shapes):
    """Parameters by name: numbers on a grid of 1/64 in ±½."""
    grid = lambda shape: torch.floor(torch.rand(shape) * 64 - 32) / 64 + 1 / 128
    return {name: grid(shape).requires_grad_() for name, shape in shapes.items()}


def linear(p, name, x):
    return F.linear(x, p[f"{name}.weight"], p.get(f"{name}.bias"))


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], 1e-5)


def rms_norm(p, name, x):
    return p[f"{name}.weight"] * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def heads_of(x, heads):
    b, t, e = x.shape
    return x.view(b, t, heads, e // heads).transpose(1, 2)


def weighted(q, k, v, there):
    """Causal attention [b, h, t, d] among the tokens that are there [b, t]. A query that sees nothing gives what nobody reads."""
    t = q.shape[2]
    seen = torch.ones(t, t, dtype=torch.bool).tril() & there[:, None, None, :]
    scores = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).masked_fill(~seen, -1e30)
    y = scores.softmax(-1) @ v
    return y.transpose(1, 2).reshape(y.shape[0], t, -1)


def places(there):
    return (there.long().cumsum(1) - 1).clamp(min=0)


def opt_shapes(c):
    d, w, ff = c["embedDim"], c.get("wordDim", c["embedDim"]), c["feedForward"]
    norm = lambda name: {f"{name}.weight": (d,), f"{name}.bias": (d,)}
    dense = lambda name, n, m: {f"{name}.weight": (m, n), f"{name}.bias": (m,)}
    root = "model.decoder"
    shapes = {f"{root}.embed_tokens.weight": (c["vocabulary"], w), f"{root}.embed_positions.weight": (c["maxLength"] + 2, d)}
    if w != d:
        shapes |= {f"{root}.project_out.weight": (w, d), f"{root}.project_in.weight": (d, w)}
    if c.get("normFirst", True):
        shapes |= norm(f"{root}.final_layer_norm")
    for i in range(c["layers"]):
        at = f"{root}.layers.{i}"
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            shapes |= dense(f"{at}.self_attn.{part}", d, d)
        shapes |= norm(f"{at}.self_attn_layer_norm") | dense(f"{at}.fc1", d, ff) | dense(f"{at}.fc2", ff, d) | norm(f"{at}.final_layer_norm")
    return shapes


def opt(p, c, tokens, there):
    """Zhang et al., arXiv 2205.01068: decoder with learned positions, two rows of which precede position 0."""
    root, first = "model.decoder", c.get("normFirst", True)
    x = p[f"{root}.embed_tokens.weight"][tokens]
    if f"{root}.project_in.weight" in p:
        x = linear(p, f"{root}.project_in", x)
    x = x + p[f"{root}.embed_positions.weight"][places(there) + 2]
    for i in range(c["layers"]):
        at = f"{root}.layers.{i}"
        z = layer_norm(p, f"{at}.self_attn_layer_norm", x) if first else x
        q, k, v = (heads_of(linear(p, f"{at}.self_attn.{part}", z), c["heads"]) for part in ("q_proj", "k_proj", "v_proj"))
        x = x + linear(p, f"{at}.self_attn.out_proj", weighted(q, k, v, there))
        x = x if first else layer_norm(p, f"{at}.self_attn_layer_norm", x)
        z = layer_norm(p, f"{at}.final_layer_norm", x) if first else x
        x = x + linear(p, f"{at}.fc2", torch.relu(linear(p, f"{at}.fc1", z)))
        x = x if first else layer_norm(p, f"{at}.final_layer_norm", x)
    if first:
        x = layer_norm(p, f"{root}.final_layer_norm", x)
    if f"{root}.project_out.weight" in p:
        x = linear(p, f"{root}.project_out", x)
    return x @ p[f"{root}.embed_tokens.weight"].T


def llama_shapes(c):
    d, ff = c["embedDim"], c["feedForward"]
    shapes = {"model.embed_tokens.weight": (c["vocabulary"], d)}
    for i in range(c["layers"]):
        at = f"model.layers.{i}"
        shapes |= {f"{at}.self_attn.{part}_proj.weight": (d, d) for part in "qkvo"}
        shapes |= {f"{at}.mlp.{part}_proj.weight": (ff, d) for part in ("gate", "up")} | {f"{at}.mlp.down_proj.weight": (d, ff)}
        shapes |= {f"{at}.input_layernorm.weight": (d,), f"{at}.post_attention_layernorm.weight": (d,)}
    return shapes | {"model.norm.weight": (d,), "lm_head.weight": (c["vocabulary"], d)}


def turned(x, positions):
    """Su et al., arXiv 2104.09864, each pair from the two halves of a head: complex numbers turned by their angles."""
    half = x.shape[-1] // 2
    angles = positions[:, None, :, None] * 10000.0 ** (-torch.arange(half) / half)
    z = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([z.real, z.imag], -1)


def llama(p, c, tokens, there):
    """Touvron et al., arXiv 2302.13971: pre-normalised by RMS, rotary positions, SwiGLU, no biases."""
    x = p["model.embed_tokens.weight"][tokens]
    for i in range(c["layers"]):
        at = f"model.layers.{i}"
        z = rms_norm(p, f"{at}.input_layernorm", x)
        q, k, v = (heads_of(linear(p, f"{at}.self_attn.{part}_proj", z), c["heads"]) for part in "qkv")
        q, k = turned(q, places(there)), turned(k, places(there))
        x = x + linear(p, f"{at}.self_attn.o_proj", weighted(q, k, v, there))
        z = rms_norm(p, f"{at}.post_attention_layernorm", x)
        gate = linear(p, f"{at}.mlp.gate_proj", z)
        x = x + linear(p, f"{at}.mlp.down_proj", gate * torch.sigmoid(gate) * linear(p, f"{at}.mlp.up_proj", z))
    return linear(p, "lm_head", rms_norm(p, "model.norm", x))


def language(kind, note, forward, sizes):
    shapes = opt_shapes(sizes) if kind == "opt" else llama_shapes(sizes)
    p = table(shapes)
    tokens = torch.randint(0, sizes["vocabulary"], (2, 5))
    target = torch.randint(0, sizes["vocabulary"], (2, 5))
    there = mask([[True] * 5, [False, False, True, True, True]])
    few = ("embed", "project_in", "layers.0.self_attn.k_proj", "layers.0.fc1", "layers.0.mlp.gate", "layers.0.input", "norm.weight")
    wanted = [name for name in p if any(part in name for part in few)]
    record(f"{kind} {note}", sizes, p, wanted, lambda: forward(p, sizes, tokens, there), {"tokens": tokens, "target": target, "mask": there}, target, there)


def record(name, sizes, p, wanted, forward, inputs, target, there):
    """Logits where there are tokens, 0 elsewhere; the mean cross-entropy there, and its gradients."""
    logits = forward() * there[..., None]
    loss = F.cross_entropy(logits[there], target[there])
    grads = torch.autograd.grad(loss, [p[one] for one in wanted])
    encoded = lambda pairs: {key: encode(value) for key, value in pairs}
    entry = {"name": name.strip(), "sizes": sizes, "inputs": encoded(inputs.items()), "state": encoded(p.items())}
    put("models", {**entry, "logits": encode(logits), "loss": number(loss), "grads": encoded(zip(wanted, grads))})


def sinusoids(t, d):
    i = torch.arange(d) // 2
    angles = torch.arange(t, dtype=torch.float64)[:, None] / 10000.0 ** (2 * i / d)
    return torch.where(torch.arange(d) % 2 == 0, angles.sin(), angles.cos())


def translation(note, c):
    """Vaswani et al., arXiv 1706.03762, on the layers of PyTorch, whose packed projections are written one by one."""
    d, heads, tie = c["embedDim"], c["heads"], c["tie"]
    first = c.get("normFirst", False)
    layer = {"dropout": 0.0, "batch_first": True, "norm_first": first, "activation": c.get("activation", "relu")}
    stack = lambda kind: nn.ModuleList([kind(d, heads, c["feedForward"], **layer) for _ in range(c["layers"])])
    model = nn.ModuleDict({"encoder": nn.ModuleDict({"layers": stack(nn.TransformerEncoderLayer)}), "decoder": nn.ModuleDict({"layers": stack(nn.TransformerDecoderLayer)})})
    if first:
        for side in ("encoder", "decoder"):
            model[side]["norm"] = nn.LayerNorm(d)
    p = table({name: tuple(value.shape) for name, value in model.named_parameters()})
    p |= table({"decoder.embed_tokens.weight": (c["vocabulary"], d)} | ({} if tie == "all" else {"encoder.embed_tokens.weight": (c["sourceVocabulary"], d)}) | ({"lm_head.weight": (c["vocabulary"], d)} if tie == "none" else {}))
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(p[name])
            p[name] = value
    source, target = torch.randint(0, c["sourceVocabulary"], (2, 4)), torch.randint(0, c["vocabulary"], (2, 3))
    wanted_next = torch.randint(0, c["vocabulary"], (2, 3))
    there = mask([[True] * 4, [True, True, True, False]])
    words = p["decoder.embed_tokens.weight"]
    embedded = lambda weight, tokens: weight[tokens] * math.sqrt(d) + sinusoids(tokens.shape[1], d)

    def forward():
        x = embedded(words if tie == "all" else p["encoder.embed_tokens.weight"], source)
        for one in model["encoder"]["layers"]:
            x = one(x, src_key_padding_mask=~there)
        x = model["encoder"]["norm"](x) if first else x
        y = embedded(words, target)
        upper = torch.ones(3, 3, dtype=torch.bool).triu(1)
        for one in model["decoder"]["layers"]:
            y = one(y, x, tgt_mask=upper, memory_key_padding_mask=~there)
        y = model["decoder"]["norm"](y) if first else y
        return y @ (p["lm_head.weight"] if tie == "none" else words).T

    few = ("embed", "head", "encoder.layers.0.self_attn", "decoder.layers.0.multihead_attn.in", "layers.0.norm")
    wanted = [name for name in p if any(part in name for part in few)]
    everything = torch.ones_like(target, dtype=torch.bool)
    inputs = {"tokens": source, "target": target, "next": wanted_next, "mask": there}
    record(f"transformer {note}", c, p, wanted, forward, inputs, wanted_next, everything)
