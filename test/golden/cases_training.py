"""Trajectories of optimizers, schedules, and modules with copied weights."""

import torch
from torch import nn
from torch.optim import lr_scheduler

from golden import cotangent, encode, index, mask, number, put, rand, seed

STEPS = 20


def make():
    optimizers()
    schedules()
    modules()


def optimizers():
    """½|Ax − b|² from one start, 20 steps of each optimizer: the point after every step."""
    seed(20)
    a, b, start = rand(5, 4), rand(5), rand(4)
    configured = [
        ("sgd", torch.optim.SGD, {"lr": 0.05}, {}),
        ("sgd", torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}, {}),
        ("sgd", torch.optim.SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True}, {"weightDecay": 0.1}),
        ("sgd", torch.optim.SGD, {"lr": 0.02, "momentum": 0.8, "dampening": 0.3}, {"weightDecay": 0.01}),
        ("adam", torch.optim.Adam, {"lr": 0.1}, {}),
        ("adam", torch.optim.Adam, {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-3}, {"weightDecay": 0.1}),
        ("adamW", torch.optim.AdamW, {"lr": 0.1}, {}),
        ("adamW", torch.optim.AdamW, {"lr": 0.05, "betas": [0.8, 0.95]}, {"weightDecay": 0.2}),
        ("rmsprop", torch.optim.RMSprop, {"lr": 0.05}, {}),
        ("rmsprop", torch.optim.RMSprop, {"lr": 0.02, "alpha": 0.9, "momentum": 0.8, "centered": True}, {"weightDecay": 0.1}),
        ("adagrad", torch.optim.Adagrad, {"lr": 0.5}, {}),
        ("adagrad", torch.optim.Adagrad, {"lr": 0.5, "eps": 1e-3}, {"lrDecay": 0.1, "weightDecay": 0.1, "initialAccumulator": 0.5}),
    ]
    theirs = {"weightDecay": "weight_decay", "lrDecay": "lr_decay", "initialAccumulator": "initial_accumulator_value"}
    for op, optimizer, hyper, more in configured:
        x = start.clone().requires_grad_()
        steps = optimizer([x], **hyper, **{theirs[key]: value for key, value in more.items()})
        path = []
        for _ in range(STEPS):
            steps.zero_grad()
            (0.5 * ((a @ x - b) ** 2).sum()).backward()
            steps.step()
            path += x.tolist()
        settings = {**hyper, **more}
        note = ", ".join(f"{key} {value}" for key, value in settings.items())
        data = {"a": encode(a), "b": encode(b), "start": encode(start), "path": [number(v) for v in path]}
        put("optimizers", {"name": f"{op} {note}", "op": op, "attrs": settings, **data})


def schedules():
    restarts = lr_scheduler.CosineAnnealingWarmRestarts
    noam = lambda step: 64**-0.5 * min((step + 1) ** -0.5, (step + 1) * 4**-1.5)
    configured = [
        ("step", lambda o: lr_scheduler.StepLR(o, 5, 0.3), [5, {"gamma": 0.3}]),
        ("step", lambda o: lr_scheduler.MultiStepLR(o, [3, 10], 0.5), [[3, 10], {"gamma": 0.5}]),
        ("exponential", lambda o: lr_scheduler.ExponentialLR(o, 0.9), [0.9]),
        ("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, 0.1), [STEPS, {"floor": 0.1}]),
        ("cosineRestarts", lambda o: restarts(o, 6), [6]),
        ("cosineRestarts", lambda o: restarts(o, 3, 2, 0.05), [3, {"factor": 2, "floor": 0.05}]),
        ("linearWarmup", lambda o: lr_scheduler.LinearLR(o, 1 / 8, 1, 7), [8]),
        ("noam", lambda o: lr_scheduler.LambdaLR(o, noam), [64, 4]),
    ]
    for op, scheduler, args in configured:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1)
        schedule = scheduler(optimizer)
        factors = []
        for _ in range(STEPS + 1):
            factors.append(number(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            schedule.step()
        put("schedules", {"name": f"{op} {args}", "op": op, "args": args, "factors": factors})


def module(op, note, model, inputs, settings, call):
    """A module's weights, its output for `inputs`, and the gradients of inputs and weights."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.floor(torch.rand_like(p) * 64 - 32) / 64 + 1 / 128)
    xs = {key: x.clone().requires_grad_() for key, x in inputs.items()}
    y = call(model, xs)
    named = dict(model.named_parameters())
    grads = torch.autograd.grad((y * cotangent(y.shape)).sum(), [*xs.values(), *named.values()])
    encoded = lambda pairs: {key: encode(value) for key, value in pairs}
    entry = {
        "name": f"{op} {note}".strip(),
        "op": op,
        "settings": settings,
        "inputs": encoded(inputs.items()),
        "state": encoded(model.state_dict().items()),
        "output": encode(y),
        "grads": encoded(zip([*xs, *named], grads)),
    }
    put("modules", entry)


def modules():
    seed(21)
    only_x = lambda model, xs: model(xs["x"])
    module("Linear", "", nn.Linear(4, 3), {"x": rand(2, 3, 4)}, {"sizes": [4, 3]}, only_x)
    module("Linear", "without bias", nn.Linear(4, 3, bias=False), {"x": rand(2, 4)}, {"sizes": [4, 3], "bias": False}, only_x)
    module("LayerNorm", "", nn.LayerNorm(4), {"x": rand(2, 3, 4)}, {"sizes": [4]}, only_x)
    module("LayerNorm", "eps", nn.LayerNorm(4, eps=0.1), {"x": rand(2, 4)}, {"sizes": [4], "eps": 0.1}, only_x)

    attention = lambda **rest: nn.MultiheadAttention(6, 2, batch_first=True, **rest)
    sizes = {"sizes": [6, 2]}
    itself = lambda m, xs, **rest: m(xs["x"], xs["x"], xs["x"], need_weights=False, **rest)[0]
    module("MultiheadAttention", "self", attention(), {"x": rand(2, 3, 6)}, sizes, itself)
    module("MultiheadAttention", "without bias", attention(bias=False), {"x": rand(2, 3, 6)}, {**sizes, "bias": False}, itself)
    other = lambda m, xs: m(xs["x"], xs["key"], xs["value"], need_weights=False)[0]
    three = {"x": rand(2, 3, 6), "key": rand(2, 4, 6), "value": rand(2, 4, 6)}
    module("MultiheadAttention", "cross", attention(), three, sizes, other)
    upper = torch.ones(3, 3, dtype=torch.bool).triu(1)
    causal = lambda m, xs: itself(m, xs, attn_mask=upper)
    module("MultiheadAttention", "causal", attention(), {"x": rand(2, 3, 6)}, {**sizes, "causal": True}, causal)
    hidden = mask([[False, False, True], [False, False, False]])
    padded = lambda m, xs: itself(m, xs, key_padding_mask=hidden)
    allowed = (~hidden).tolist()
    module("MultiheadAttention", "with padding", attention(), {"x": rand(2, 3, 6)}, {**sizes, "keyMask": allowed}, padded)
    last = nn.MultiheadAttention(6, 3)
    module("MultiheadAttention", "sequence first", last, {"x": rand(3, 2, 6)}, {"sizes": [6, 3], "batchFirst": False}, itself)

    layer = lambda **rest: nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True, **rest)
    sizes = {"sizes": [6, 2, 8]}
    module("TransformerEncoderLayer", "norm last", layer(), {"x": rand(2, 3, 6)}, sizes, only_x)
    first = layer(norm_first=True, activation="gelu")
    module("TransformerEncoderLayer", "norm first, gelu", first, {"x": rand(2, 3, 6)}, {**sizes, "normFirst": True, "activation": "gelu"}, only_x)
    masked = lambda m, xs: m(xs["x"], src_mask=upper)
    module("TransformerEncoderLayer", "causal", layer(), {"x": rand(2, 3, 6)}, {**sizes, "causal": True}, masked)
