"""A number or a formula of a recipe may be a list: one value per parameter group."""

from __future__ import annotations

import pytest

import lrspec
from lrspec import BadInput
from lrspec.bindings.backend import backend_of
from lrspec.codegen.emit import emit
from lrspec.codegen.plain_function import plain, rates_of
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.spec.recipe import from_dict

LAMBDAS = {"schedule": "lambda", "base_lr": 0.4, "factor": ["0.5 ** t", "1 / (t + 1)"]}
CYCLE = {"schedule": "one_cycle", "max_lr": [0.5, 1.0], "total_steps": 10, "div_factor": [5, 4]}


def test_each_group_has_its_own_curve():
    assert lrspec.load(LAMBDAS).trace(3).tolist() == [[0.4, 0.4], [0.2, 0.2], [0.1, 0.4 / 3]]
    assert lrspec.load(LAMBDAS).trace(3, form="closed")[2, 1] == lrspec.load(LAMBDAS)(2)[1]


def test_a_schedule_without_a_base_rate_has_as_many_groups_as_its_lists():
    assert lrspec.load(CYCLE).trace(1)[0] == pytest.approx([0.1, 0.25])


def test_a_nested_schedule_may_have_values_per_group():
    document = {
        "schedule": "sequential",
        "base_lr": [0.4, 0.8],
        "schedules": [
            {"schedule": "lambda", "factor": ["0.5", "1"]},
            {"schedule": "exponential", "gamma": [0.5, 0.25]},
        ],
        "milestones": [1],
    }
    assert lrspec.load(document).trace(3).tolist() == [[0.2, 0.8], [0.4, 0.8], [0.2, 0.2]]


def test_the_recursive_form_has_values_per_group():
    document = {"schedule": "multiplicative", "base_lr": 0.4, "factor": ["0.5", "0.25"]}
    assert lrspec.load(document).trace(2, form="recursive").tolist() == [[0.4, 0.4], [0.2, 0.1]]


def test_a_recipe_is_written_as_it_was_read():
    assert lrspec.load(LAMBDAS).to_dict() == {**LAMBDAS, "base_lr": [0.4, 0.4]}
    assert lrspec.load(CYCLE).to_dict() == CYCLE


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({**LAMBDAS, "base_lr": [1, 2, 3]}, r"\$: found lists of 2 and 3 values"),
        ({**CYCLE, "div_factor": [1, 2, 3]}, r"\$: found lists of 2 and 3 values"),
        ({**LAMBDAS, "factor": ["t", "nothing"]}, "nothing"),
        ({**LAMBDAS, "factor": []}, r"\$\.factor: found"),
        ({**CYCLE, "max_lr": [0.5, -1]}, r"\$\.max_lr\[1\]: found -1"),
        ({**CYCLE, "total_steps": [10, 20]}, r"\$\.total_steps: found"),
    ],
)
def test_wrong_lists_are_rejected(document: dict, message: str):
    with pytest.raises(BadInput, match=message):
        lrspec.load(document)


def test_a_constraint_holds_for_each_group():
    document = {"schedule": "reduce_on_plateau", "base_lr": 1, "threshold": [0.5, 1.5]}
    with pytest.raises(BadInput, match=r"\$\.threshold"):
        lrspec.load(document)


@pytest.mark.parametrize("document", [LAMBDAS, CYCLE])
def test_a_plain_function_has_the_rates_of_each_group(document: dict):
    recipe = from_dict(document)
    rates = rates_of(plain(recipe), recipe)
    assert [list(rates(t)) for t in range(12)] == lrspec.load(document).trace(12).tolist()


def test_a_standalone_source_that_would_flatten_the_groups_is_refused():
    momenta = {**CYCLE, "cycle_momentum": True, "base_momentum": [0.8, 0.7]}
    plateau = {"schedule": "reduce_on_plateau", "base_lr": 1, "min_lr": [0.1, 0.2]}
    for document in (momenta, plateau):
        with pytest.raises(Unsupported, match="groups"):
            emit(from_dict(document), backend_of("torch"), STANDALONE)
    with pytest.raises(Unsupported, match="no multiple of its base rate"):
        emit(from_dict(LAMBDAS), backend_of("paddle"))


def test_the_comment_of_a_paddle_source_names_the_groups_that_it_needs():
    warmup = {"schedule": "linear_warmup", "warmup_steps": 3, "start_lr": 0.001, "end_lr": 0.05}
    for document, groups in (
        (
            {**warmup, "base_lr": [0.1, 0.01]},
            "2 parameter groups for base_lr=0.1, 0.01 in the order",
        ),
        (CYCLE, "2 parameter groups in the order of the recipe"),
    ):
        text = emit(from_dict(document), backend_of("paddle"), STANDALONE).text
        assert groups in " ".join(text.replace("#", "").split())
