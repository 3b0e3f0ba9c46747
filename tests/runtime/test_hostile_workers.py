"""Workers that die, stop, flood or answer wrongly: each costs its one case and leaves no process."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from lrspec import resources
from lrspec.bindings.backend import Backend, load
from lrspec.errors import BackendAbsent
from lrspec.runtime import pipes, process
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import plan
from lrspec.suite.run import observe

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

(TOY,) = load(resources.root() / "conformance" / "fakes" / "toy").values()
STEP = from_dict({"schedule": "step", "base_lr": 1, "step_size": 1, "gamma": 0.5})
COSINE = from_dict({"schedule": "cosine_annealing", "base_lr": 1, "T_max": 4})
#: A worker that answers halves; before each answer to a request with a cosine it does FLAW.
SERVE = """
import atexit, json, os, signal, subprocess, sys, time
HALVES = [[1.0], [0.5], [0.25]]
def send(message):
    print(json.dumps(message), flush=True)
def answer(id, **changed):
    send({{"id": id, "status": "trace", "reported": HALVES, "applied": "reported", **changed}})
send({{"version": "1.0", "installed": "1.0"}})
for line in sys.stdin:
    request = json.loads(line)
    id = request["id"]
    if "Cosine" in request["source"]:
        {flaw}
    answer(id)
{end}
"""


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def with_flaw(flaw: str, end: str = "") -> Backend:
        path = tmp_path / "serve.py"
        path.write_text(SERVE.format(flaw=flaw, end=end))
        monkeypatch.setattr(process, "SERVE", path)
        return TOY

    return with_flaw


#: What the worker does at the cosine; the status of that case, and its reason.
FLAWS = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "crashed", "the worker died (signal 9)"),
    "segfaulting": ("os.kill(os.getpid(), 11)", "crashed", "the worker died (signal 11)"),
    "exiting": ("os._exit(3)", "crashed", "the worker died (exit code 3)"),
    "stopped": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "no answer within"),
    "silent": ("time.sleep(60)", "timeout", "no answer within"),
    "closing": ("os.close(1); time.sleep(60)", "crashed", "the worker died (signal 9)"),
    "early": ("answer(id + 1); answer(id)", "errored", "$.id: found"),
    "unnumbered": ("answer(0); time.sleep(60)", "timeout", "no answer within"),
    "not UTF-8": ("os.write(1, bytes([255, 10]))", "errored", "the worker's answer: $: found"),
    "half a line": ("os.write(1, b'{\"id\"'); os._exit(0)", "errored", "truncated"),
    "many lines": ("os.write(1, b'x' + b'\\n' * 10**6)", "errored", "$: found JSON is malformed"),
    "a long line": ("os.write(1, b'x' * 10**7)", "errored", "the worker's answer: $: found"),
    "an escape": ("answer(id, error='\\x1b[2J')", "errored", "$.error: found control characters"),
    "a verdict": ("send({'id': id, 'verdict': 'conforms'})", "errored", "unknown field `verdict`"),
    "huge integers": ("answer(id, reported=[[10**400]])", "errored", "$.reported[0][0]: found"),
    "deep": ("os.write(1, b'[' * 10**5 + b'\\n')", "errored", "the worker's answer: $: found"),
    "deep state": (
        "send({'id': id, 'status': 'trace', 'state': json.loads('['*900+']'*900)})",
        "trace",
        "0 updates were recorded of 3",
    ),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_costs_its_one_case(serve, name: str, monkeypatch: pytest.MonkeyPatch):
    flaw, status, reason = FLAWS[name]
    monkeypatch.setattr(pipes, "_LONGEST_LINE", 10**6)
    monkeypatch.setattr(process, "_EXIT_SECONDS", 0.5)
    cases = [Case(name, "", recipe) for name, recipe in (("a", STEP), ("b", COSINE), ("c", STEP))]
    runs = plan(cases, [serve(flaw)], ["stepwise"], 3)
    observed = observe(runs, {"toy": sys.executable}, deadline=3.0)
    found = [finding(run, observed.by_run[run.id]) for run in runs]
    assert [one.verdict for one in found] == ["conforms", "unpredicted", "conforms"]
    assert found[1].status == status
    assert reason in found[1].explanation
    assert found[1].explanation.isprintable()


#: What costs no case: there is an answer, and what follows it is ignored.
HARMLESS = {
    "answering twice": "answer(id)",
    "answering an earlier request": "answer(id - 1)",
    "flooding stderr": "sys.stderr.write('x' * 10**7)",
    "printing to a file": "print('x', file=sys.stderr)",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_costs_no_case(serve, name: str):
    backend = serve(HARMLESS[name])
    with Worker(backend, sys.executable, 10.0) as worker:
        answers = [worker.ask(question(source)) for source in ("Cosine", "", "Cosine", "", "")]
    assert [answer.status for answer in answers] == ["trace"] * 5


def test_a_late_answer_belongs_to_no_later_case(serve):
    """The process is ended at its deadline, and its answer with it."""
    backend = serve("time.sleep(1.5); answer(id, reported=[[7.0]])")
    with Worker(backend, sys.executable, 0.5) as worker:
        assert worker.ask(question("Cosine")).status == "timeout"
        time.sleep(1.5)
        assert worker.ask(question("")).reported == [[1.0], [0.5], [0.25]]


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 11)", "os._exit(9)", "time.sleep(60)"])
def test_how_a_worker_ends_after_its_last_answer_is_not_seen(serve, end: str):
    backend = serve("pass", end)
    with Worker(backend, sys.executable) as worker:
        assert worker.ask(question("")).status == "trace"


def test_a_worker_that_dies_between_two_requests_is_started_again(serve):
    backend = serve("answer(id); os._exit(1)")
    with Worker(backend, sys.executable) as worker:
        assert worker.ask(question("Cosine")).status == "trace"
        assert worker._process is not None
        worker._process.wait(30)
        time.sleep(0.1)
        assert worker.ask(question("")).status == "trace"


def test_a_request_that_nobody_reads_has_a_deadline(serve):
    """It is larger than any pipe."""
    backend = serve("pass")
    process.SERVE.write_text(
        'import time\nprint(\'{"version": "1.0", "installed": "1.0"}\', flush=True)\ntime.sleep(60)'
    )
    with Worker(backend, sys.executable, 0.5) as worker:
        answer = worker.ask(question("x" * 10**7))
    assert answer.status == "timeout"


def test_what_a_worker_started_ends_with_it(serve, tmp_path: Path):
    pid = tmp_path / "pid"
    start = "child = subprocess.Popen(['sleep', '600'])"
    backend = serve(f"{start}; open({str(pid)!r}, 'w').write(str(child.pid)); time.sleep(60)")
    with Worker(backend, sys.executable, 3.0) as worker:
        assert worker.ask(question("Cosine")).status == "timeout"
    deadline = time.monotonic() + 30
    while is_running(int(pid.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("version", ["1.0\x1b[31m", "one", "", "1" * 5000, "<b>1</b>", "1.0\n"])
def test_a_hostile_version_makes_a_worker_absent(serve, version: str):
    backend = serve("pass")
    hello = json.dumps({"version": version, "installed": version})
    process.SERVE.write_text(f"print({hello!r}, flush=True)\ninput()")
    with (
        Worker(backend, sys.executable) as worker,
        pytest.raises(BackendAbsent, match="does not answer"),
    ):
        worker.version()


def question(source: str) -> Question:
    return Question(source, (1.0,), (Action("updates", 3),))
