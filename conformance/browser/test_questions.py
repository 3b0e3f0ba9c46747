"""The questions of docs/report-page.md are answered by the steps that it gives."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(
    ("source", "target", "schedule", "box", "answer"),
    [
        ("specification", "torch", "step", "resume with last_epoch", "StepLR, MultiStepLR and ConstantLR multiply"),
        ("specification", "paddle", "cosine_warm_restarts", "resume from a checkpoint", "state_dict() contains only"),
        ("specification", "torch", "one_cycle", "past the end", "extrapolates its last phase"),
        ("paddle", "oneflow", "one-sentence", "train once", "counts from the start of the run"),
    ],
)  # fmt: skip
def test_the_answer_names_what_bites(page: Page, source, target, schedule, box, answer):
    page.select_option("#from", source)
    page.select_option("#to", target)
    page.select_option("#subject", schedule)
    page.get_by_label(box).check()
    expect(page.locator("#bites")).to_contain_text(answer)


@pytest.mark.parametrize(
    ("words", "departures"),
    [
        ("one-cycle past its end", ["torch-one-cycle-past-its-end", "paddle-one-cycle-past-its-end"]),
        ("warmup global time", ["oneflow-warmup-global-time"]),
    ],
)  # fmt: skip
def test_a_search_finds_the_departure(page: Page, words: str, departures: list[str]):
    page.get_by_role("link", name="Departures", exact=True).click()
    page.locator("#departure-search").fill(words)
    for name in departures:
        article = page.locator(f"#departure-{name}")
        expect(article).to_be_visible()
        article.locator("summary").first.click()
        expect(article).to_contain_text("who is right")
        expect(article).to_contain_text("reported")


def test_the_defaults_of_polynomial_stand_side_by_side(page: Page, address: str):
    page.goto(f"{address}#schedule-polynomial")
    row = page.locator("#schedule-polynomial tr", has_text="end_lr")
    expect(row.first).to_contain_text("left out: 0.0001")


def test_a_schedule_says_what_happens_past_its_end(page: Page, address: str):
    page.goto(f"{address}#schedule-cosine_annealing")
    text = "Past the end: the rate rises again; the curve has period 2 · T_max."
    expect(page.locator("#schedule-cosine_annealing")).to_contain_text(text)


def test_the_code_for_a_graph_is_shown_without_oneflow(page: Page):
    page.select_option("#to", "oneflow-graph")
    page.select_option("#subject", "one-sentence")
    expect(page.locator("#source")).to_contain_text("oneflow")
    expect(page.locator("#write-title")).to_contain_text("OneFlow nn.Graph")
