"""Train the network in Paddle: read a job as JSON from stdin, write the results to stdout."""

import json
import sys

import paddle

job = json.load(sys.stdin)
images, labels = paddle.to_tensor(job["images"], dtype="float64"), paddle.to_tensor(job["labels"])
parameters = [
    paddle.base.framework.EagerParamBase.from_tensor(
        paddle.to_tensor(w, dtype="float64"), stop_gradient=False
    )
    for w in job["weights"]
]
hidden, bias, out, shift = parameters

names = {}
exec(job["source"], names)  # noqa: S102 - source from this example or from lrspec
scheduler = names["build_scheduler"]()
optimizer = paddle.optimizer.SGD(scheduler, parameters=parameters)

losses, rates = [], []
for batch in job["batches"]:
    indices = paddle.to_tensor(batch)
    logits = paddle.tanh(images[indices] @ hidden + bias) @ out + shift
    loss = paddle.nn.functional.cross_entropy(logits, labels[indices])
    optimizer.clear_grad()
    loss.backward()
    losses.append(loss.item())
    rates.append(scheduler())
    optimizer.step()
    scheduler.step()
print(json.dumps({"losses": losses, "rates": rates, "weights": [p.tolist() for p in parameters]}))
