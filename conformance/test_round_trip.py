"""Every recipe is read back from the scheduler that its native source builds.

The expressions that people write in training scripts are read as the recipes that they mean.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import record_descriptions

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.errors import BadInput
from lrspec.importers.scheduler import of_description
from lrspec.port.equivalence import ReadBack
from lrspec.port.round_trip import read_back_native
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.suite.cases import cases

FRAMEWORKS = [name for name, backend in frameworks().items() if backend.readable]
#: The updates before each scheduler is read: none, and a few.
STEPS = (0, 7)

_BY_LAMBDA = "the framework has no such class: it is a LambdaLR, read as its formula"
_AS_SEQUENCE = "the framework has no such warmup: it is a SequentialLR, read as a sequence"
_AS_PIECES = "the framework has no such class: it is a PiecewiseDecay of absolute rates"
_UNUSED = "only the mode own uses scale_mode; CyclicLR keeps the one of its mode"
#: Where another recipe with the same rates is read, and why.
SAME_RATES = {
    "torch": {
        "noam as lambda": _BY_LAMBDA,
        "inverse_sqrt as lambda": _BY_LAMBDA,
        "inverse_time as lambda": _BY_LAMBDA,
        "natural_exp as lambda": _BY_LAMBDA,
        "linear_warmup as sequential": _AS_SEQUENCE,
        "constant_warmup as sequential": _AS_SEQUENCE,
        "cyclic's scale_mode": _UNUSED,
        "the base rate": "OneCycleLR sets the optimizer's base rate, which no member reads",
    },
    "paddle": {
        "inverse_sqrt as lambda": _BY_LAMBDA,
        "constant as piecewise_constant": _AS_PIECES,
        "constant_warmup as piecewise_constant": _AS_PIECES,
        "cyclic's scale_mode": _UNUSED,
    },
    "oneflow": {
        "noam as lambda": _BY_LAMBDA,
        "inverse_sqrt as lambda": _BY_LAMBDA,
        "inverse_time as lambda": _BY_LAMBDA,
        "natural_exp as lambda": _BY_LAMBDA,
        "linear_warmup as sequential": _AS_SEQUENCE,
    },
}
_REBASED = "OneCycleLR, built first, changes the base rate of the schedulers built after it"
#: The cases for which a recipe with other rates is read, and why.
LOST = {
    "torch": {
        "chained/schedules-linear-warmup-second": "its warmup is in absolute rates, which "
        "the sequence that it is written as takes as fractions of the current rate",
        "sequential/schedules-one-cycle-first": _REBASED,
        "sequential/one-cycle-then-exponential": _REBASED,
        "shrunk/torch-sequence-after-one-cycle": _REBASED,
    },
    "paddle": {
        "step/two-groups-set-to-one-rate": "a scheduler has one rate; the groups' factors are "
        "the optimizer's",
    },
    "oneflow": {},
}


@pytest.fixture(scope="module")
def read() -> dict[str, dict[tuple[str, int], ReadBack]]:
    """What is read of every case in every framework; all frameworks run in parallel."""
    with ThreadPoolExecutor() as pool:
        answers = pool.map(
            lambda name: read_back_native(cases(), backend_of(name), STEPS), FRAMEWORKS
        )
        return dict(zip(FRAMEWORKS, answers, strict=True))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_recipe_is_read_back(framework: str, read):
    lost = {
        (case, steps): f"{answer.outcome}: {answer.reason}"
        for (case, steps), answer in read[framework].items()
        if answer.outcome in ("differs", "unreadable") and case not in LOST[framework]
    }
    assert lost == {}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_cases_that_are_read_back_with_other_rates_are_the_known_ones(framework: str, read):
    lost = {case for (case, _), answer in read[framework].items() if answer.outcome == "differs"}
    assert lost == set(LOST[framework])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_recipes_that_are_read_back_as_another_are_the_known_ones(framework: str, read):
    reasons = {a.reason for a in read[framework].values() if a.outcome == "same rates"}
    assert reasons == set(SAME_RATES[framework])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_schedule_with_native_source_is_built_and_read_at_least_once(framework: str, read):
    kinds = {case.id: case.recipe.kind for case in cases()}
    tried = {kinds[case] for case, _ in read[framework]}
    built = {kinds[c] for (c, _), a in read[framework].items() if a.outcome != "rejected"}
    assert tried == built
    in_mid_run = [a for (_, n), a in read[framework].items() if n and a.outcome == "same"]
    assert len(in_mid_run) > len(built)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_exported_class_has_an_import_rule(framework: str):
    backend = backend_of(framework)
    with Worker(backend, interpreter(backend)[0]) as worker:
        worker.version()
        exported = set(worker.classes)
    assert exported <= backend.bindings.class_names()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_expressions_of_training_scripts_are_read_as_recorded(framework: str):
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
