"""Train the network in PyTorch: read a job as JSON from stdin, write the results to stdout."""

import json
import sys

import torch

job = json.load(sys.stdin)
images, labels = torch.tensor(job["images"], dtype=torch.float64), torch.tensor(job["labels"])
parameters = [torch.nn.Parameter(torch.tensor(w, dtype=torch.float64)) for w in job["weights"]]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from this example or from lrspec
optimizer = torch.optim.SGD(parameters, lr=job["base_lr"])
scheduler = names["build_scheduler"](optimizer)

losses, rates = [], []
for batch in job["batches"]:
    logits = torch.tanh(images[batch] @ hidden + bias) @ out + shift
    loss = torch.nn.functional.cross_entropy(logits, labels[batch])
    optimizer.zero_grad()
    loss.backward()
    losses.append(loss.item())
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
print(json.dumps({"losses": losses, "rates": rates, "weights": [p.tolist() for p in parameters]}))
