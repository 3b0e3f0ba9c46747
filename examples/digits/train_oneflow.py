"""Train the network in OneFlow: read a job as JSON from stdin, write the results to stdout."""

import json
import os
import sys

import oneflow

job = json.load(sys.stdin)
images, labels = oneflow.tensor(job["images"], dtype=oneflow.float64), oneflow.tensor(job["labels"])
parameters = [
    oneflow.nn.Parameter(oneflow.tensor(w, dtype=oneflow.float64)) for w in job["weights"]
]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from this example or from lrspec
optimizer = oneflow.optim.SGD(parameters, lr=job["base_lr"])
scheduler = names["build_scheduler"](optimizer)

losses, rates = [], []
for batch in job["batches"]:
    logits = oneflow.tanh(oneflow.matmul(images[batch], hidden) + bias)
    logits = oneflow.matmul(logits, out) + shift
    loss = oneflow.nn.functional.cross_entropy(logits, labels[batch])
    optimizer.zero_grad()
    loss.backward()
    losses.append(loss.item())
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
weights = [p.numpy().tolist() for p in parameters]
print(json.dumps({"losses": losses, "rates": rates, "weights": weights}), flush=True)
os._exit(0)  # OneFlow can crash at exit
