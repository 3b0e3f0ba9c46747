"""Train the network in Paddle: read a job as JSON from stdin, write the results to stdout."""

import json
import sys

import paddle

job = json.load(sys.stdin)
inputs, targets = (paddle.to_tensor(job[name], dtype="float64") for name in ("inputs", "targets"))
parameters = [
    paddle.base.framework.EagerParamBase.from_tensor(
        paddle.to_tensor(w, dtype="float64"), stop_gradient=False
    )
    for w in job["weights"]
]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from lrspec
scheduler = names["build_scheduler"]()
optimizer = paddle.optimizer.SGD(scheduler, parameters=parameters)


def loss_of(rows: list[int]) -> paddle.Tensor:
    """Return the mean squared error of some rows."""
    indices = paddle.to_tensor(rows)
    predicted = paddle.tanh(inputs[indices] @ hidden + bias) @ out + shift
    return ((predicted - targets[indices]) ** 2).mean()


rates, losses = [], []
for batches in job["epochs"]:
    rates.append(scheduler())
    for rows in batches:
        optimizer.clear_grad()
        loss_of(rows).backward()
        optimizer.step()
    with paddle.no_grad():
        losses.append(loss_of(job["validation"]).item())
    scheduler.step(losses[-1])
print(json.dumps({"rates": rates, "losses": losses}))
