"""Every recipe comes back: written in a framework's words, built there and read again.

And what people write in a training script is read as what it is.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import record_descriptions

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.errors import BadInput
from lrspec.importers.scheduler import of_description
from lrspec.port.read_back import Trip, round_trips
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.suite.cases import cases

FRAMEWORKS = [name for name, backend in frameworks().items() if backend.readable]
#: How many updates each is read after: none, and in mid-run.
STEPS = (0, 7)

_BY_LAMBDA = "the framework has no such class: LambdaLR says it, and is read as the formula it has"
_AS_SEQUENCE = "the framework has no such warmup: SequentialLR says it, and is read as one"
_AS_PIECES = "the framework has no such class: PiecewiseDecay says it, in absolute rates"
_UNUSED = "scale_mode counts in the mode own alone; CyclicLR keeps the one of its mode"
#: Where the same rates come back in other words, and why.
OTHER_WORDS = {
    "torch": {
        "noam as lambda": _BY_LAMBDA,
        "inverse_time as lambda": _BY_LAMBDA,
        "natural_exp as lambda": _BY_LAMBDA,
        "linear_warmup as sequential": _AS_SEQUENCE,
        "constant_warmup as sequential": _AS_SEQUENCE,
        "cyclic's scale_mode": _UNUSED,
        "the base rate": "OneCycleLR gives the optimizer a base rate of its own; no member reads it",
    },
    "paddle": {
        "constant as piecewise_constant": _AS_PIECES,
        "constant_warmup as piecewise_constant": _AS_PIECES,
        "cyclic's scale_mode": _UNUSED,
    },
    "oneflow": {
        "noam as lambda": _BY_LAMBDA,
        "inverse_time as lambda": _BY_LAMBDA,
        "natural_exp as lambda": _BY_LAMBDA,
        "linear_warmup as sequential": _AS_SEQUENCE,
    },
}
_REBASED = "OneCycleLR, built first, gives the schedulers that are built after it another base rate"
#: What does not come back, and why.
LOST = {
    "torch": {
        "chained/schedules-linear-warmup-second": "its warmup is written in absolute rates, which "
        "the sequence that says it takes as fractions of the running one",
        "sequential/schedules-one-cycle-first": _REBASED,
        "sequential/one-cycle-then-exponential": _REBASED,
        "shrunk/torch-sequence-after-one-cycle": _REBASED,
    },
    "paddle": {},
    "oneflow": {},
}


@pytest.fixture(scope="module")
def trips() -> dict[str, dict[tuple[str, int], Trip]]:
    """Every trip of every framework: asked side by side."""
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda name: round_trips(cases(), backend_of(name), STEPS), FRAMEWORKS)
        return dict(zip(FRAMEWORKS, found, strict=True))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_recipe_comes_back(framework: str, trips):
    lost = {
        (case, steps): f"{trip.outcome}: {trip.reason}"
        for (case, steps), trip in trips[framework].items()
        if trip.outcome in ("differs", "refused") and case not in LOST[framework]
    }
    assert lost == {}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_lost_is_lost_still(framework: str, trips):
    found = {case for (case, _), trip in trips[framework].items() if trip.outcome == "differs"}
    assert found == set(LOST[framework])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_other_words_are_those_that_are_known_and_no_others(framework: str, trips):
    found = Counter(
        trip.reason for trip in trips[framework].values() if trip.outcome == "other words"
    )
    assert set(found) == set(OTHER_WORDS[framework])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_that_builds_a_schedule_has_it_read(framework: str, trips):
    """Nothing passes because nothing was built: each schedule that is written comes back once."""
    kinds = {case.id: case.recipe.kind for case in cases()}
    tried = {kinds[case] for case, _ in trips[framework]}
    read = {kinds[c] for (c, _), t in trips[framework].items() if t.outcome != "rejected"}
    assert tried == read
    in_mid_run = [t for (_, n), t in trips[framework].items() if n and t.outcome == "same"]
    assert len(in_mid_run) > len(read)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_class_that_is_exported_is_read_or_refused_by_name(framework: str):
    backend = backend_of(framework)
    with Worker(backend, interpreter(backend)[0]) as worker:
        worker.version()
        exported = set(worker.classes)
    assert exported <= backend.bindings.class_names()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_people_write_is_read_as_what_it_is(framework: str):
    wrong = {}
    for row, answer in record_descriptions.answers(framework):
        found = {}
        if answer["status"] != "description":
            found["refused"] = answer.get("found", answer.get("reason"))
            if row.get("refused", "").startswith(f"found {found['refused']}"):
                continue
        else:
            try:
                read = of_description(answer["description"])
                found["recipe"] = read.recipe.to_dict()
                found |= {"notes": list(read.notes)} if read.notes else {}
            except BadInput as error:
                found["refused"] = str(error).removeprefix("$").removeprefix(": ")
        expected = {name: row[name] for name in ("recipe", "notes", "refused") if name in row}
        if found != expected:
            wrong[row["expression"]] = found
    assert wrong == {}
