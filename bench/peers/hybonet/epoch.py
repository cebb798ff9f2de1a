"""PyTorch's epoch of HyboNet link prediction: one step on the whole graph, from the formulas of Chen et al., arXiv 2105.14686, and of
the code beside it, at c = 1. Data, weights and other pairs are those of epoch.ts."""
import gzip
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from native import Work, uniform, wholes

DIM = 16


def text(path):
    with gzip.open(path, "rt") as file:
        return file.read()


def features(folder, nodes, count):
    sparse = os.path.join(folder, "features.idx.txt.gz")
    if not os.path.exists(sparse):
        lines = text(os.path.join(folder, "features.csv.gz")).split()
        return np.array([[float(v) for v in line.split(",")] for line in lines], dtype=np.float32)
    x = np.zeros((nodes, count), dtype=np.float32)
    for i, line in enumerate(text(sparse).split("\n")[:nodes]):
        x[i, [int(j) for j in line.split()]] = 1
    return x


def load(folder, normalise):
    """Features, training edges, and the mean over a node and its neighbours."""
    with open(os.path.join(folder, "meta.json")) as file:
        meta = json.load(file)
    n, x = meta["nodes"], features(folder, meta["nodes"], meta["features"])
    if normalise:
        total = x.sum(axis=1, keepdims=True)
        x = x / np.where(total == 0, 1, total)
    edges = np.array(json.loads(text(os.path.join(folder, "split_lp_seed1234.json.gz")))["train_pos"])
    u, v = np.concatenate([edges, edges[:, ::-1], np.repeat(np.arange(n), 2).reshape(n, 2)]).T
    share = 1 / np.bincount(u, minlength=n)
    at = torch.tensor(np.stack([u, v]))
    adjacency = torch.sparse_coo_tensor(at, torch.tensor(share[u], dtype=torch.float32), (n, n)).coalesce()
    return torch.tensor(x), torch.tensor(edges), adjacency


def inner(x, y):
    return (x[..., 1:] * y[..., 1:]).sum(-1) - x[..., 0] * y[..., 0]


class LorentzLayer(torch.nn.Module):
    """Linear map to time and direction, then the mean of the neighbours, brought back to the hyperboloid."""

    def __init__(self, i, width, dropout):
        super().__init__()
        weight = uniform(100 + 2 * i, (DIM, width), 1 / np.sqrt(DIM))
        weight[:, 0] = 0
        self.linear = torch.nn.Linear(width, DIM)
        self.linear.weight.data = torch.tensor(weight)
        self.linear.bias.data = torch.tensor(uniform(101 + 2 * i, (DIM,), 0.02))
        self.scale = torch.nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))
        self.dropout = dropout

    def forward(self, x, adjacency):
        z = self.linear(F.dropout(x, self.dropout) if self.dropout > 0 else x)
        time = z[:, :1].sigmoid() * self.scale.exp() + 1.1
        space = z[:, 1:]
        length = (space * space).sum(-1, keepdim=True).clamp_min(1e-8)
        s = torch.sparse.mm(adjacency, torch.cat([time, space * ((time * time - 1) / length).sqrt()], -1))
        return s / (-inner(s, s)).abs().clamp_min(1e-8).sqrt().unsqueeze(-1)


def lifted(x):
    """exp at the origin: the features stay the same, so this is done once, as ours does."""
    length = x.norm(dim=-1, keepdim=True).clamp_min(1e-8)
    return torch.cat([length.cosh(), length.sinh() * x / length], -1)


class Net(torch.nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.layers = torch.nn.ModuleList([LorentzLayer(0, width + 1, dropout), LorentzLayer(1, DIM, dropout)])

    def forward(self, y, adjacency):
        for layer in self.layers:
            y = layer(y, adjacency)
        return y


def epoch(task):
    x, edges, adjacency = load(task["folder"], task["normalise"])
    net, y = Net(x.shape[1], task["dropout"]), lifted(x)
    weights = [p for p in net.parameters() if p.dim() > 1]
    rest = [p for p in net.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": task["weightDecay"]}, {"params": rest, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=task["lr"])
    losses = []

    def scores(points, pairs):
        return 2 + 2 * inner(points[pairs[:, 0]], points[pairs[:, 1]])

    def step():
        seed = 1000 + 2 * len(losses)
        others = torch.tensor(np.stack([wholes(seed + i, len(edges), len(x)) for i in (0, 1)], axis=1))
        optimizer.zero_grad(set_to_none=True)
        points = net(y, adjacency)
        positive, negative = scores(points, edges), scores(points, others)
        both = torch.stack([positive, negative], -1)
        loss = F.relu(task["margin"] - positive.unsqueeze(-1) + both).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), task["clip"])
        optimizer.step()
        losses.append(loss.item())

    return Work(step, lambda _: losses[:2] if task["dropout"] == 0 else [])
