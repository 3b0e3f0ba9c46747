"""Train the network in OneFlow: read a job as JSON from stdin, write the results to stdout."""

import json
import os
import sys

import oneflow

job = json.load(sys.stdin)
inputs, targets = (
    oneflow.tensor(job[name], dtype=oneflow.float64) for name in ("inputs", "targets")
)
parameters = [
    oneflow.nn.Parameter(oneflow.tensor(w, dtype=oneflow.float64)) for w in job["weights"]
]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from lrspec
optimizer = oneflow.optim.SGD(parameters, lr=job["base_lr"])
scheduler = names["build_scheduler"](optimizer)


def loss_of(rows: list[int]) -> oneflow.Tensor:
    """Return the mean squared error of some rows."""
    predicted = oneflow.matmul(oneflow.tanh(oneflow.matmul(inputs[rows], hidden) + bias), out)
    return ((predicted + shift - targets[rows]) ** 2).mean()


rates, losses = [], []
for batches in job["epochs"]:
    rates.append(optimizer.param_groups[0]["lr"])
    for rows in batches:
        optimizer.zero_grad()
        loss_of(rows).backward()
        optimizer.step()
    with oneflow.no_grad():
        losses.append(loss_of(job["validation"]).item())
    scheduler.step(losses[-1])
print(json.dumps({"rates": rates, "losses": losses}), flush=True)
os._exit(0)  # OneFlow can crash at exit
