"""An invalid answer of a worker affects only its own run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrspec import resources
from lrspec.bindings.backend import Backend, load
from lrspec.errors import BackendAbsent
from lrspec.runtime import process
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import plan
from lrspec.suite.run import mismatched, observe

(TOY,) = load(resources.root() / "conformance" / "fakes" / "toy").values()
STEP = from_dict({"schedule": "step", "base_lr": 1, "step_size": 1, "gamma": 0.5})
COSINE = from_dict({"schedule": "cosine_annealing", "base_lr": 1, "T_max": 4})
HALVES = [[1.0], [0.5], [0.25]]
RIGHT = {"status": "trace", "reported": HALVES, "applied": HALVES, "momentum": None, "error": None}
HELLO = {"version": "1.0", "installed": "1.0", "python": "3.11.7", "classes": []}
SERVE = """
import json, sys
print({hello!r}, flush=True)
for request in sys.stdin:
    answer = {hostile!r} if "Cosine" in request else {right!r}
    print(answer.replace('"status"', '"id": %d, "status"' % json.loads(request)["id"]), flush=True)
"""


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make workers start with *hello*, and answer *hostile* to a request with a cosine."""

    def with_answer(hostile: str, hello: str = json.dumps(HELLO)) -> Backend:
        path = tmp_path / "serve.py"
        path.write_text(SERVE.format(hello=hello, hostile=hostile, right=json.dumps(RIGHT)))
        monkeypatch.setattr(process, "SERVE", path)
        return TOY

    return with_answer


def trace(**changed) -> str:
    return json.dumps({**RIGHT, **changed})


HOSTILE = [
    ("[1,2]", "$: found `array`, expected `object` in a worker's answer"),
    ("null", "$: found `null`, expected `object`"),
    ("{}", "$: found object missing required field `status`"),
    ("", "$: found input data was truncated"),
    ("no JSON", "$: found JSON is malformed"),
    ("[" * 100_000, "$: found"),
    (trace(status="absent"), "$.status: found invalid enum value 'absent'"),
    (trace(status=["trace"]), "$.status: found"),
    (trace(reported=[["a"]]), "$.reported[0][0]: found"),
    (trace(reported=[[True]]), "$.reported[0][0]: found"),
    (trace(reported=[[None]]), "$.reported[0][0]: found"),
    (trace(reported=[1.0]), "$.reported[0]: found `float`"),
    (trace(reported={"a": 1}), "$.reported: found `object`"),
    (trace(reported=[[float("nan")]]), "$: found JSON is malformed"),
    (trace(reported=HALVES).replace("0.25", "1e999"), "$.reported[2][0]: found number out of range"),
    (trace(applied="twice"), "$.applied: found"),
    (trace(error=1), "$.error: found `int`"),
    (trace(rates=HALVES), "$: found object contains unknown field `rates`"),
    (trace(reported=HALVES * 2), "the worker recorded 6 × 1 numbers as `reported`"),
    (trace(reported=[[]] * 3), "the worker recorded 3 × 0 numbers as `reported`"),
    (trace(reported=[[1.0, 2.0]] * 3), "the worker recorded 3 × 2 numbers as `reported`"),
    (trace(momentum=[[1.0, 2.0]] * 3), "the worker recorded 3 × 2 numbers as `momentum`"),
    (trace(reported=HALVES[:1]), "1 updates were recorded of 3"),
    (trace(reported=None, applied=None), "0 updates were recorded of 3"),
    (trace(reported=None, applied="reported"), "0 updates were recorded of 3"),
    (trace(applied=HALVES[:1]), "as many rates must be applied as are reported"),
]  # fmt: skip


@pytest.mark.parametrize(("hostile", "message"), HOSTILE, ids=lambda text: text[:40])
def test_an_invalid_answer_affects_only_its_own_run(serve, hostile: str, message: str):
    cases = [Case(name, "", recipe) for name, recipe in (("a", STEP), ("b", COSINE), ("c", STEP))]
    runs = plan(cases, [serve(hostile)], ["stepwise"], 3)
    observations = observe(runs, {"toy": sys.executable})
    findings = [finding(run, observations.by_run[run.id]) for run in runs]
    assert [one.verdict for one in findings] == ["conforms", "unpredicted", "conforms"]
    assert message in findings[1].explanation
    assert findings[1].explanation.isprintable()


@pytest.mark.parametrize("hello", ["[1,2]", "null", "{}", "no JSON", '{"version": 3}', "[" * 9999])
def test_a_worker_with_an_invalid_first_line_is_absent(serve, hello: str):
    with (
        Worker(serve("null", hello), sys.executable) as worker,
        pytest.raises(BackendAbsent, match="does not answer"),
    ):
        worker.version()


@pytest.mark.parametrize("hostile", ["[1,2]", "null", "{}", '{"status": "description", "x": 1}'])
def test_an_invalid_description_is_errored(serve, hostile: str):
    with Worker(serve(hostile), sys.executable) as worker:
        answer = worker.describe({"read": {"expression": "Cosine"}})
    assert (answer.status, answer.description) == ("errored", None)
    assert answer.reason.startswith("the worker's answer: $: found ")


def test_a_timeout_names_the_deadline_of_its_run(serve):
    """Each step of the scheduler adds 2 ms to the deadline of 0.5 s."""
    backend = serve("null")
    process.SERVE.write_text(
        f"import sys\nprint({json.dumps(HELLO)!r}, flush=True)\nlist(sys.stdin)"
    )
    with Worker(backend, sys.executable, deadline=0.5) as worker:
        answer = worker.ask(Question("Cosine", (1.0,), (Action("updates", 100),)))
    assert (answer.status, answer.reason) == ("timeout", "no answer within 0.7 s")


def test_rates_that_are_not_finite_are_read(serve):
    backend = serve(trace(reported=[["nan"], ["inf"], ["-inf"]], applied="reported"))
    with Worker(backend, sys.executable) as worker:
        answer = worker.ask(Question("Cosine", (1.0,), (Action("updates", 3),)))
    assert str(from_answer(answer).rates.tolist()) == "[[nan], [inf], [-inf]]"


RATES = st.none() | st.lists(
    st.lists(st.floats() | st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=3), max_size=5
)


@given(
    reported=RATES,
    applied=RATES | st.sampled_from(["reported", "float32"]),
    momentum=RATES,
    error=st.none() | st.just("E: x"),
    name=st.sampled_from(["stepwise", "jump", "late_group", "groups", "changed", "resume_state"]),
)
@settings(max_examples=150, deadline=None)
def test_any_rates_have_a_verdict(reported, applied, momentum, error, name):
    run = plan([Case("a", "", STEP)], [TOY], [name], 3)[0]
    answer = process.Reply(
        status="trace", reported=reported, applied=applied, momentum=momentum, error=error
    )
    observation = from_answer(answer)
    if mismatched(run.scenario, observation):
        observation = Observation("errored", mismatched(run.scenario, observation))
    assert finding(run, observation).verdict in ("conforms", "unpredicted")


def test_a_worker_that_is_stopped_while_it_starts_is_ended(tmp_path: Path, monkeypatch):
    """Otherwise it outlives lrspec: a Ctrl-C at this time found no process to end."""
    script = tmp_path / "slow"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    worker, started = Worker(TOY, str(script)), []
    popen = process.subprocess.Popen

    def stopped_meanwhile(*arguments, **given):
        started.append(popen(*arguments, **given))
        worker.stop()
        return started[0]

    monkeypatch.setattr(process.subprocess, "Popen", stopped_meanwhile)
    with pytest.raises(BackendAbsent, match="exits at startup"):
        worker.version()
    assert started[0].poll() is not None
