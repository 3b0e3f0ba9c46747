"""The numbers of the draft bug reports: the engine's, and those that the dialects predict."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import pytest
from finding_pages import Page, pages
from finding_runs import Declaration, Line, agrees, declarations, lines, numbers

from lrspec.scenario.simulation import CLOSED, RECURSIVE, simulate

PAGES = pages()
WITH_RUNS = [page for page in PAGES if page.runs]
LABEL = re.compile(r"[\w.()=]+")


def each(page: Page) -> str:
    return page.slug


def same(cell: str, printed: str) -> bool:
    """Return whether two texts are the same number, or the same text."""
    try:
        return Decimal(cell) == Decimal(printed)
    except InvalidOperation:
        return cell == printed


def shows(row: list[str], line: Line) -> bool:
    """Return whether a row of a table has the two numbers of *line*, and a step in its label."""
    *keys, actual, expected = row
    steps = {key for key in keys if key.isdecimal()}
    return (
        same(actual, line.seen)
        and same(expected, line.expected)
        and steps <= set(LABEL.findall(line.label))
    )


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_declares_its_runs_or_gives_the_reason_for_having_none(page: Page):
    reasons = [text for text in page.comments if text.startswith("no runs, because ")]
    assert bool(page.runs) != bool(reasons)


@pytest.mark.parametrize("page", WITH_RUNS, ids=each)
def test_the_printed_rates_are_those_of_the_engine_and_of_the_dialect(page: Page):
    printed = lines(page.output)
    reached = [number for number in numbers(page) if number.seen is not None]
    assert len(printed) == len(reached)
    for line, number in zip(printed, reached, strict=True):
        assert agrees(line.expected, number.expected), line
        assert agrees(line.expected if number.correct else line.seen, number.seen), line


@pytest.mark.parametrize("page", WITH_RUNS, ids=each)
def test_the_fixed_rates_are_those_of_the_engine(page: Page):
    specified = iter(number.expected for number in numbers(page))
    for line in lines(page.fixed_output or ""):
        assert any(agrees(line.expected, number) for number in specified), line  # in this order


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_line_of_the_output_is_marked_wrong_if_its_numbers_differ(page: Page):
    for text in page.output.splitlines():
        for line in lines(text):
            assert text.endswith("<- wrong") == (not same(line.seen, line.expected)), line


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_the_table_of_a_page_is_part_of_its_output(page: Page):
    printed = lines(page.output)
    for row in page.table:
        assert any(shows(row, line) for line in printed), row


def late_groups(*slugs: str) -> list[tuple[str, Declaration]]:
    """Return the runs of the pages *slugs*, or of all, that show a group added later."""
    shown = [page for page in WITH_RUNS if page.slug in slugs or not slugs]
    runs = [(page.slug, run) for page in shown for run in declarations(page)]
    return [(slug, run) for slug, run in runs if "add_group" in dict(run.actions)]


@pytest.mark.parametrize(("slug", "run"), late_groups())
def test_both_forms_give_the_expected_rates_of_a_later_group(slug: str, run: Declaration):
    """What is expected does not depend on whether a framework uses the group's rate or its base."""
    closed, recursive = (simulate(run.scenario(), form) for form in (CLOSED, RECURSIVE))
    rows = list(run.rows or ())
    assert rows
    assert closed[rows, 1].tolist() == recursive[rows, 1].tolist(), slug


def test_the_pages_about_a_later_group_are_about_the_same_run():
    torch, oneflow = (
        {(str(run.recipe), run.actions) for _, run in late_groups(f"{framework}-late-group")}
        for framework in ("torch", "oneflow")
    )
    assert torch & oneflow


def test_a_printed_number_agrees_to_half_a_unit_of_its_last_digit():
    assert agrees("0.853553", 0.8535533905932737)
    assert not agrees("0.853554", 0.8535533905932737)
    assert agrees("ValueError", "ValueError")
    assert not agrees("ValueError", "KeyError")
    assert not agrees("ValueError", 0.5)
    assert not agrees("0.5", "ValueError")
    assert not agrees("0.5", None)


def test_a_wrong_number_of_a_table_is_not_in_the_output():
    line = Line("step 12", "0.5", "0.250")
    assert shows(["12", "0.5", "0.25"], line)
    assert shows(["any text", "0.5", "0.25"], line)
    assert not shows(["1", "0.5", "0.25"], line)
    assert not shows(["12", "0.5", "0.251"], line)
    assert not shows(["12", "ValueError", "0.25"], line)
