"""Train the network in PyTorch: read a job as JSON from stdin, write the results to stdout.

A job without a source sets the rate by hand, as the word language model of pytorch/examples does:
if the validation loss of an epoch is not the best so far, the rate is divided by 4.
"""

import json
import sys

import torch

job = json.load(sys.stdin)
inputs, targets = (torch.tensor(job[name], dtype=torch.float64) for name in ("inputs", "targets"))
parameters = [torch.nn.Parameter(torch.tensor(w, dtype=torch.float64)) for w in job["weights"]]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from this example or from lrspec
optimizer = torch.optim.SGD(parameters, lr=job["base_lr"])
scheduler = names["build_scheduler"](optimizer) if names.get("build_scheduler") else None


def loss_of(rows: list[int]) -> torch.Tensor:
    """Return the mean squared error of some rows."""
    predicted = torch.tanh(inputs[rows] @ hidden + bias) @ out + shift
    return ((predicted - targets[rows]) ** 2).mean()


rates, losses, weights = [], [], []
best_loss = None
for batches in job["epochs"]:
    rates.append(optimizer.param_groups[0]["lr"])
    weights.append([p.tolist() for p in parameters])
    for rows in batches:
        optimizer.zero_grad()
        loss_of(rows).backward()
        optimizer.step()
    with torch.no_grad():
        losses.append(loss_of(job["validation"]).item())
    if scheduler is not None:
        scheduler.step(losses[-1])
    elif best_loss is None or losses[-1] < best_loss:
        best_loss = losses[-1]
    else:
        for group in optimizer.param_groups:
            group["lr"] /= 4.0
print(json.dumps({"rates": rates, "losses": losses, "weights": weights}))
