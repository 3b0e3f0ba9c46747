"""A scheduler that is read in mid-run goes on in another framework as it does in its own."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
import test_read_and_run
from test_read_and_run import STEPS, described, ran

from lrspec.bindings.backend import backend_of
from lrspec.importers.scheduler import of_description
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.runtime.interpreter import interpreter
from lrspec.suite.cases import Case

__all__ = ["described", "ran"]  # fixtures

EXPRESSIONS = [
    "stepped(5, step, exponential)",
    "by_hand(stepped(5, lrs.StepLR(sgd(0.1), 4)), 0.02)",
    "by_hand(stepped(9, lrs.CosineAnnealingLR(sgd(0.1), 300, 0.01)), 0.05)",
    "second(7, lambda o: lrs.StepLR(o, 3), lambda o: lrs.LinearLR(o, 0.5))",
    "from_index(5, lambda o, k: lrs.StepLR(o, 3, last_epoch=k))",
]
#: Builds each source, steps it to a position, and prints the rates that it uses from there on.
RUN = """
import json, sys
framework, steps = sys.argv[1:3]
library = __import__(framework)
every = []
for source, base, position in json.load(sys.stdin):
    names = {}
    exec(compile(source, "<source>", "exec"), names)
    if framework == "paddle":
        scheduler = names["build_scheduler"]()
        rate = lambda: scheduler.last_lr
    else:
        weight = library.nn.Parameter(library.zeros(1))
        optimizer = library.optim.SGD([weight], lr=base)
        scheduler = names["build_scheduler"](optimizer)
        rate = lambda: float(optimizer.param_groups[0]["lr"])
    rates = []
    for t in range(position + int(steps)):
        rates.append(rate())
        scheduler.step()
    every.append(rates[position:])
print("\\n" + json.dumps(every))
"""


@pytest.mark.parametrize("target", ["paddle", "oneflow"])
def test_a_port_goes_on_from_the_step_at_which_the_original_was_read(target: str, described, ran):
    assert set(EXPRESSIONS) <= test_read_and_run.READ["torch"].keys()
    recipes = [of_description(described["torch"][e]).recipe for e in EXPRESSIONS]
    backend = backend_of(target)
    cases = [(Case(str(index), "", one), backend) for index, one in enumerate(recipes)]
    ported = ports(cases, brief=True)
    assert all(isinstance(port, Port) and not port.certificate.diverges for port in ported)
    given = [
        (port.source, one.bases[0], int(one.position))
        for port, one in zip(ported, recipes, strict=True)
        if isinstance(port, Port)
    ]
    done = subprocess.run(
        [interpreter(backend)[0], "-c", RUN, target, str(STEPS)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for expression, rates in zip(EXPRESSIONS, found, strict=True):
        own = np.array(ran["torch"][expression])[:, 0]
        np.testing.assert_allclose(rates, own, rtol=0, atol=1e-12 * own.max(), err_msg=expression)
