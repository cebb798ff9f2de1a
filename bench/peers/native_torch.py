"""PyTorch's part of native.py."""
import torch
import torch.nn.functional as F

from native import Work, block_weights, decomposition, mlp_weights, products, sparse, uniform, values_of, wholes

torch.set_num_threads(1)
version = torch.__version__


def kernel(f):
    @torch.no_grad()
    def quiet():
        return f()

    return Work(quiet)


def matrix(indptr, indices, values, n):
    """Compressed rows where this build multiplies them, else coordinates."""
    a = torch.sparse_csr_tensor(torch.tensor(indptr), torch.tensor(indices), torch.tensor(values), (n, n))
    try:
        a @ torch.ones(n, 1)
        return a
    except RuntimeError:
        row = torch.repeat_interleave(torch.arange(n), torch.tensor(indptr[1:] - indptr[:-1]))
        at = torch.stack([row, torch.tensor(indices)])
        return torch.sparse_coo_tensor(at, torch.tensor(values), (n, n)).coalesce()


def training(weights, lr, model, loss):
    model.load_state_dict({name: torch.tensor(v) for name, v in values_of(weights).items()})
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []

    def step():
        optimizer.zero_grad(set_to_none=True)
        value = loss(model)
        value.backward()
        optimizer.step()
        losses.append(value.item())

    return Work(step, lambda _: losses[:2])


def mlp(task):
    widths = task["widths"]
    pairs = [(torch.nn.Linear(n, m), torch.nn.ReLU()) for n, m in zip(widths, widths[1:])]
    model = torch.nn.Sequential(*[module for pair in pairs for module in pair][:-1])
    x = torch.tensor(uniform(1, (task["batch"], widths[0])))
    y = torch.tensor(wholes(2, task["batch"], widths[-1]))
    return training(mlp_weights(widths), task["lr"], model, lambda m: F.cross_entropy(m(x), y))


def block(task):
    d, ff = task["d"], task["ff"]
    model = torch.nn.TransformerEncoderLayer(d, task["heads"], ff, dropout=0.0, batch_first=True)
    x, y = (torch.tensor(uniform(seed, (task["batch"], task["length"], d))) for seed in (1, 2))
    return training(block_weights(d, ff), task["lr"], model, lambda m: F.mse_loss(m(x), y))


def small(task):
    ops, kind = task["ops"], task["kind"]
    if kind == "chainBackward":
        raise ValueError("timed with its forward pass only")
    if kind == "adds":
        x = torch.tensor(1.0, requires_grad=True)

        def adds():
            y = x
            for _ in range(ops):
                y = y + 1
            return y.item()

        return Work(adds, lambda value: [value])
    x = torch.full((16,), 0.5, requires_grad=True)

    def chain():
        y = x
        for _ in range(0, ops, 2):
            y = y * 1.001 + 0.001
        return torch.autograd.grad(y.sum(), x)[0]

    return Work(chain, lambda g: [g[0].item()])


def by_torch(task):
    kind = task["kind"]
    if kind in ("matmul", "lowRank", "sst"):
        with torch.no_grad():
            return products(task, torch.tensor, lambda x: x.transpose(-1, -2), lambda x: x.sum(0))
    if kind == "map":
        x, f = torch.tensor(uniform(1, (task["n"],), 4)), {"exp": torch.exp, "tanh": torch.tanh, "gelu": F.gelu}[task["f"]]
        return kernel(lambda: f(x))
    if kind in ("softmax", "layerNorm"):
        x = torch.tensor(uniform(1, (task["rows"], task["columns"])))
        weight, bias = torch.tensor(uniform(2, (task["columns"],))), torch.tensor(uniform(3, (task["columns"],)))
        if kind == "softmax":
            return kernel(lambda: torch.softmax(x, -1))
        return kernel(lambda: F.layer_norm(x, (task["columns"],), weight, bias))
    if kind == "sparse":
        a, x = matrix(*sparse(1, task["n"], task["degree"]), task["n"]), torch.tensor(uniform(9, (task["n"], task["columns"])))
        return kernel(lambda: a @ x)
    if kind == "hybonet":
        from hybonet.epoch import epoch

        return epoch(task)
    if kind == "svd":
        return decomposition(task, torch.tensor, lambda a: torch.linalg.svd(a, full_matrices=False))
    return {"mlp": mlp, "block": block}.get(kind, small)(task)
