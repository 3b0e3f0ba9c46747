"""What bites between two frameworks: facts of the frameworks, each also seen in their runs."""

from __future__ import annotations

import numpy as np
import pytest

from lrspec.bindings.backend import backends
from lrspec.report.answers import bites, same
from lrspec.report.sides import SPECIFICATION, Side, Subject, side, specified, subjects
from lrspec.report.wording import digits, first_sentence, percent, size_of

SUBJECTS = {subject.id: subject for subject in subjects()}


def side_of(subject: Subject, name: str) -> Side:
    return specified(subject) if name == SPECIFICATION else side(subject, backends()[name])


def found(subject: str, source: str, target: str):
    moved = SUBJECTS[subject]
    return {b.situation: b for b in bites(moved, side_of(moved, source), side_of(moved, target))}


def test_warmup_and_cosine_are_the_same_in_paddle_and_pytorch_but_for_the_index():
    differing = found("one-sentence", "paddle", "torch")
    assert same(list(differing.values()))
    assert set(differing) == {"index"}


def test_oneflow_counts_the_cosine_from_the_start_of_the_run_by_default():
    bite = found("one-sentence", "paddle", "oneflow")["defaults"]
    # update 10: cos(pi * 10 / 90) gives 1 - 0.0302 for the peak at 1
    assert bite.causes[0] == "oneflow-warmup-global-time"
    assert bite.size == pytest.approx(np.sin(np.pi / 18), abs=1e-3)


def test_step_lr_with_an_index_decays_twice_in_pytorch():
    bite = found("step", SPECIFICATION, "torch")["index"]
    assert bite.causes[0] == "torch-index-repeats-a-step"
    assert "index" not in found("exponential", SPECIFICATION, "torch")


def test_paddle_loses_its_place_in_warm_restarts_when_it_is_resumed():
    assert "resume" in found("cosine_warm_restarts", SPECIFICATION, "paddle")
    assert "resume" not in found("cosine_warm_restarts", SPECIFICATION, "torch")


def test_one_cycle_raises_past_its_end():
    bite = found("one_cycle", SPECIFICATION, "torch")["past"]
    assert bite.error.startswith("ValueError")
    assert "then raises ValueError" in size_of(bite)


def test_no_framework_differs_from_itself():
    for name in ("torch", "paddle", "oneflow"):
        assert not {"once", "past", "resume"} & set(found("cosine_warm_restarts", name, name))


def test_the_specification_is_there_where_pytorch_has_no_class():
    assert side_of(SUBJECTS["deit"], "torch").unsupported
    assert side_of(SUBJECTS["deit"], SPECIFICATION).plain is not None


def test_an_ordinary_run_is_that_of_the_publication_or_ends_with_the_schedule():
    assert SUBJECTS["one-sentence"].steps == (100, 205)
    assert SUBJECTS["bert"].steps == (20000, 20000)
    assert SUBJECTS["linear"].steps[0] == SUBJECTS["linear"].recipe.values(1.0)["total_iters"]


@pytest.mark.parametrize(
    ("size", "text"),
    [(0.12345, "12.3 %"), (1.0, "100 %"), (12.5, "1,250 %"), (1e-9, "1e-07 %"), (None, "")],
)
def test_a_size_is_in_percent_of_the_peak(size: float | None, text: str):
    assert percent(size) == text


def test_the_first_differing_digit_is_where_the_text_is_split():
    assert digits(0.25, 0.24) == ("0.2", "5")
    assert digits(0.25, 0.25) == ("0.25", "")
    assert digits(0.2, 0.25) == ("0.", "2")
    assert digits(0.5, None) == ("", "0.5")


def test_a_first_sentence_ends_at_a_stop_before_a_capital():
    assert first_sentence("Uses log(x, e.g. 3). Then more.") == "Uses log(x, e.g. 3)."
    assert first_sentence("Rejected. A gamma above 1 is not accepted.") == (
        "A gamma above 1 is not accepted."
    )
