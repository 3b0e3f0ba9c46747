"""The page, as a person uses it: opened from disk in headless Chromium."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from recordings import observations

from lrspec.bindings.backend import backend_of
from lrspec.engine.closed_form import at, trace
from lrspec.errors import BackendAbsent
from lrspec.report.sides import subjects
from lrspec.runtime.interpreter import interpreter
from lrspec.spec.recipe import load
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare

SCREENSHOTS = Path("reports/screenshots")
VIEWS = ["answer", "support", "explorer", "schedules", "departures", "gallery", "upstream", "ports"]


def test_the_page_opens_from_disk_and_paints_within_a_second(page: Page, address: str):
    page.goto(address)
    expect(page.locator("#verdict")).to_contain_text("Class by class")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert paint < 1000
    assert len(page.content().encode()) < 5_000_000


def test_what_bites_from_paddle_to_oneflow_is_answered_in_three_choices(page: Page):
    page.select_option("#from", "paddle")
    page.select_option("#to", "oneflow")
    page.select_option("#subject", "one-sentence")
    expect(page.locator("#verdict")).to_contain_text("the same")
    bite = page.locator("#bites li").first
    expect(bite).to_contain_text("warmup_prefix=False")
    expect(bite.locator(".size")).to_have_text("update 1, up to 17.4 % of the peak")
    bite.get_by_role("link").click()
    expect(page.locator("#departure-oneflow-warmup-global-time")).to_have_attribute("open", "")


def test_a_box_adds_what_bites_there(page: Page, address: str):
    page.goto(f"{address}#answer?from=specification&to=torch&schedule=step&consider=once")
    expect(page.locator("#bites li")).to_have_count(0)
    page.get_by_label("resume with last_epoch").check()
    expect(page.locator("#bites li").first).to_contain_text("update")


def test_the_address_has_the_whole_state(page: Page, browser: Browser):
    page.select_option("#from", "torch")
    page.select_option("#to", "paddle")
    page.select_option("#subject", "cosine_warm_restarts")
    page.get_by_label("resume from a checkpoint").check()
    expect(page.locator("#bites")).to_contain_text("resume from a checkpoint")
    other = browser.new_page()
    other.goto(page.url)
    assert other.inner_text("#answer-live") == page.inner_text("#answer-live")
    page.go_back()
    expect(page.get_by_label("resume from a checkpoint")).not_to_be_checked()
    other.close()


def test_the_slider_shows_the_updates_past_the_end(page: Page):
    page.locator("#horizon").focus()
    before = int(page.inner_text("#horizon-value").replace(",", ""))
    page.keyboard.press("End")
    assert int(page.inner_text("#horizon-value").replace(",", "")) > before


def plotted(page: Page) -> dict[str, dict[str, dict[int, float]]]:
    """Return the rates that the first screen plots, by subject, side and step."""
    data = json.loads(page.locator("#data").text_content() or "")
    return {
        subject["id"]: {
            side: dict(
                zip(map(int, curves["t"]), np.frombuffer(b64decode(text), "<f8"), strict=True)
            )
            for side, text in curves["lines"].items()
        }
        for subject in data["subjects"]
        for curves in [subject["curves"]]
    }


def test_the_plotted_values_are_the_engines(page: Page):
    known = plotted(page)
    for subject in subjects():
        rates = known[subject.id]["specification"]
        steps = sorted(rates)
        assert [rates[step] for step in steps] == at(subject.recipe, steps)[:, 0].tolist()


@pytest.mark.parametrize("mode", ["torch", "paddle", "oneflow", "oneflow-graph"])
def test_the_plotted_values_are_those_that_were_recorded(page: Page, mode: str):
    known, tolerance = plotted(page), tolerance_of(backend_of(mode).precision)
    compared = set()
    for run, observed in observations(mode).items():
        name = run.case.removesuffix("/example").removeprefix("recipes/")
        plain = run.scenario.name in ("stepwise", "metrics") and run.argument_form == "explicit"
        lines = known.get(name, {})
        if not plain or mode not in lines or observed.status != "trace":
            continue
        rates = observed.applied if observed.reported is None else observed.reported
        steps = [step for step in sorted(lines[mode]) if step < len(rates)]
        shown = np.array([[lines[mode][step]] for step in steps])
        difference = compare(np.asarray(rates)[steps, :1], shown, tolerance)
        assert difference.kind in ("exact", "rounding"), run
        compared.add(name)
    assert len(compared) > 12


def test_the_copied_code_is_the_code_that_is_shown(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#answer-live .copy").first.click()
    expect(page.locator("#answer-live .copy").first).to_have_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#source").text_content()
    compile(copied, "<copied>", "exec")


def test_the_support_table_is_filtered_by_words_and_by_state(page: Page, results):
    if not results.findings:
        pytest.skip("no results of a run")
    page.get_by_role("link", name="Support").click()
    name = results.findings[0].schedule
    page.locator("#support-search").fill(name)
    expect(page.locator("#support tbody tr:visible").first).to_contain_text(name)
    page.locator("#support-search").fill("no such schedule")
    expect(page.locator("#support tbody tr:visible")).to_have_count(0)
    page.locator("#support-search").fill("")
    page.locator("#support-state").select_option("differs")
    for row in page.locator("#support tbody tr:visible").all():
        assert row.locator("td[data-state=differs]").count()


def test_a_departure_has_an_address(page: Page, address: str):
    page.goto(f"{address}#departure-torch-sequence-index")
    article = page.locator("#departure-torch-sequence-index")
    expect(article).to_have_attribute("open", "")
    expect(article).to_contain_text("Resume with state_dict()")


def test_the_keyboard_alone_is_enough(page: Page):
    page.locator("#from").focus()
    for expected in ("to", "subject"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "resume" in page.url


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, view: str, scheme: str):
    page = browser.new_page(color_scheme=scheme)
    page.goto(f"{address}#{view}")
    page.wait_for_timeout(200)
    found = Axe().run(page).response["violations"]
    serious = [
        (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")
    ]
    page.close()
    assert serious == []


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for view in VIEWS:
        page.goto(f"{address}#{view}")
        page.reload()
        page.screenshot(path=SCREENSHOTS / f"{view}-{width}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
    page.close()


def test_without_scripts_every_answer_is_a_table(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    for view in VIEWS:
        expect(page.locator(f"#{view}")).to_be_visible()
    page.locator("summary", has_text="Every pair of frameworks").click()
    page.locator("#pair-paddle-oneflow > summary").click()
    row = page.locator(
        "#pair-paddle-oneflow tr", has_text=re.compile("^Ten warmup steps, then a cosine to 0")
    )
    expect(row.first).to_contain_text("oneflow-warmup-global-time")
    context.close()


def test_a_moved_slider_changes_the_recipe_the_address_and_the_curve(page: Page, address: str):
    page.goto(f'{address}#explorer?recipes=["step"]')
    slider = page.get_by_label("step_size, slider")
    slider.focus()
    before = json.loads(page.locator("#explorer-json").input_value())["step_size"]
    page.keyboard.press("ArrowRight")
    recipe = json.loads(page.locator("#explorer-json").input_value())
    assert recipe["step_size"] == before + 1
    assert f"%22step_size%22%3A{before + 1}" in page.url
    state, steps = page.url, page.locator("#explorer-steps").input_value()
    page.goto("about:blank")
    page.goto(state)
    assert json.loads(page.locator("#explorer-json").input_value()) == recipe
    assert page.locator("#explorer-steps").input_value() == steps


def test_a_composition_is_built_with_the_controls(page: Page, address: str):
    page.goto(f"{address}#explorer")
    page.locator("#explorer-controls select").first.select_option("sequential")
    page.get_by_role("button", name="add a member").click()
    recipe = json.loads(page.locator("#explorer-json").input_value())
    assert len(recipe["schedules"]) == len(recipe["milestones"]) + 1 == 3
    expect(page.locator("#explorer-error")).to_have_text("")
    load(recipe)


def test_a_pasted_mistake_is_named_and_the_controls_stay(page: Page, address: str):
    page.goto(f"{address}#explorer")
    page.locator("#explorer-json").fill('{"schedule": "step", "base_lr": 1, "step_size": 0}')
    expected = "$.step_size: found 0, expected a whole number of at least 1"
    expect(page.locator("#explorer-error")).to_have_text(expected)
    page.locator("#explorer-json").fill('{"schedule": "<img src=x onerror=alert(1)>"}')
    expect(page.locator("#explorer-error")).to_contain_text("unknown schedule")
    assert page.locator("img").count() == 0


def test_a_log_is_laid_over_and_its_nearest_curve_is_named(
    page: Page, address: str, tmp_path: Path
):
    logged = tmp_path / "run <b>.csv"
    rates = trace(load("one-sentence"), 100)[:, 0]
    lines = [f"{step},{rate!r}" for step, rate in enumerate(rates.tolist())]
    logged.write_text("\n".join(["step,lr", *lines]))
    page.goto(f"{address}#explorer")
    page.locator("#explorer-file").set_input_files(logged)
    expect(page.locator("#explorer-near li").first).to_contain_text("Ten warmup steps")
    expect(page.locator("#explorer-near li").first).to_contain_text("at most 0 % of the peak away")
    expect(page.locator("#explorer-plot")).to_contain_text("run <b>.csv")
    broken = tmp_path / "broken.csv"
    broken.write_text("step,lr\n0,0.1\n0,0.2\n")
    page.locator("#explorer-file").set_input_files(broken)
    expect(page.locator("#explorer-near")).to_contain_text("line 3: found the step 0")


def test_a_million_updates_are_drawn_within_a_second(page: Page, address: str):
    page.goto(f'{address}#explorer?recipes=["bert"]&steps=1000000')
    taken = page.evaluate("""() => {
        const field = document.getElementById("explorer-steps"), start = performance.now();
        field.value = "1000000";
        field.dispatchEvent(new Event("input"));
        return performance.now() - start;
    }""")
    assert taken < 1000


def test_the_explorer_says_which_frameworks_give_a_curve_and_from_which_step_not(
    page: Page, address: str
):
    recipe = {
        "schedule": "chained",
        "base_lr": 1,
        "schedules": [
            {"schedule": "cosine_annealing", "T_max": 20},
            {"schedule": "multistep", "milestones": [5, 10, 15], "gamma": 0.1},
        ],
    }
    page.goto(f"{address}#explorer?{urlencode({'recipes': json.dumps([recipe]), 'steps': 41})}")
    rows = page.locator("#explorer-verdicts tr")
    # README: at step 21 PyTorch adds (1 - cos(pi / 20)) / 2, and uses 1 at step 40
    expect(rows.filter(has_text="PyTorch")).to_contain_text("from update 21 on, up to 99.9 %")
    expect(rows.filter(has_text="PyTorch")).to_contain_text("torch-cosine-restates-base-rate")
    expect(rows.filter(has_text="PaddlePaddle")).to_contain_text("no class runs several schedulers")
    expect(rows.filter(has_text="OneFlow 0")).to_contain_text("the specified rates")
    page.get_by_label("T_max, slider").focus()
    page.keyboard.press("ArrowRight")
    expect(rows.filter(has_text="PyTorch")).to_contain_text("from update 22 on")


def test_a_recipe_that_a_framework_rejects_is_shown_as_rejected(page: Page, address: str):
    recipe = {"schedule": "step", "base_lr": 0.1, "step_size": 3, "gamma": 1.5}
    page.goto(f"{address}#explorer?{urlencode({'recipes': json.dumps([recipe])})}")
    row = page.locator("#explorer-verdicts tr", has_text="PaddlePaddle")
    expect(row).to_contain_text("cannot be used: ValueError: gamma should be < 1.0.")
    expect(row).to_contain_text("paddle-step-range")


def test_any_two_curves_are_compared(page: Page, address: str):
    page.goto(f'{address}#explorer?recipes=["step","exponential"]&steps=20')
    page.select_option("#explorer-a", "0:torch")
    page.select_option("#explorer-b", "1:paddle")
    expect(page.locator("#explorer-compared")).to_contain_text("They differ from update 1 on")
    state = page.url
    page.select_option("#explorer-b", "0:oneflow")
    expect(page.locator("#explorer-compared")).to_contain_text("The same rates at 20 common")
    page.goto("about:blank")
    page.goto(state)
    expect(page.locator("#explorer-compared")).to_contain_text("They differ from update 1 on")


def test_a_long_run_of_every_framework_is_completed(page: Page, address: str):
    recipe = {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 60_000}
    query = urlencode({"recipes": json.dumps([recipe]), "steps": 60_000})
    page.goto(f"{address}#explorer?{query}")
    rows = page.locator("#explorer-verdicts tr")
    expect(rows.filter(has_text="OneFlow 0")).to_contain_text(
        "the specified rates, to rounding", timeout=30_000
    )
    expect(page.locator("#explorer-verdicts")).not_to_contain_text("computing", timeout=30_000)


def test_two_logs_are_compared(page: Page, address: str, tmp_path: Path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.csv"
    first.write_text("".join(f'{{"step": {t}, "lr": {0.5**t}}}\n' for t in range(12)))
    second.write_text("step,lr\n" + "".join(f"{t},{0.5 ** min(t, 7)}\n" for t in range(12)))
    page.goto(f"{address}#explorer")
    page.locator("#explorer-file").set_input_files([first, second])
    page.select_option("#explorer-a", "log:0")
    page.select_option("#explorer-b", "log:1")
    expect(page.locator("#explorer-compared")).to_have_text(
        "They differ from update 8 on, at 4 of 12 common updates, by up to 0.732 % of the peak of "
        "first.jsonl."
    )


LOOP = """
import torch
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
scheduler = build_scheduler(optimizer)
for _ in range(20):
    print(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
"""
CHAIN = {
    "schedule": "chained",
    "base_lr": 1,
    "schedules": [
        {"schedule": "cosine_annealing", "T_max": 20},
        {"schedule": "multistep", "milestones": [5, 10, 15], "gamma": 0.1},
    ],
}


def test_a_pasted_recipe_is_answered(page: Page):
    page.select_option("#from", "torch")
    page.select_option("#to", "oneflow")
    page.select_option("#subject", "pasted")
    page.locator("#paste").fill(json.dumps(CHAIN))
    # README: at step 21 PyTorch adds (1 - cos(pi / 20)) / 2, and uses 1 at step 40
    expect(page.locator("#verdict")).to_contain_text("not the same. From update 21, up to 99.9 %")
    expect(page.locator("#bites li").first).to_contain_text("One step after T_max")
    command = page.locator("#command").text_content() or ""
    assert command.endswith("| lrspec port - --to oneflow")
    ported = json.loads(command.removeprefix("echo '").partition("' | ")[0])
    assert ported == CHAIN | {"dialect": {"framework": "torch", "version": "2.13.0"}}
    page.get_by_label("as specified").check()
    assert '"dialect"' not in (page.locator("#command").text_content() or "")
    state = page.url
    page.goto("about:blank")
    page.goto(state)
    expect(page.locator("#verdict")).to_contain_text("not the same. From update 21, up to 99.9 %")
    page.locator("#paste").fill('{"schedule": "step", "base_lr": 1, "step_size": 0}')
    expected = "$.step_size: found 0, expected a whole number of at least 1"
    expect(page.locator("#paste-error")).to_have_text(expected)


def test_a_port_keeps_the_rates_of_the_framework_that_it_comes_from(page: Page):
    page.select_option("#from", "paddle")
    page.select_option("#to", "torch")
    page.select_option("#subject", "noam")
    expect(page.get_by_label("as it runs in PaddlePaddle")).to_be_checked()
    expect(page.locator("#command")).to_contain_text('"dialect":{"framework":"paddle"')
    page.select_option("#from", "oneflow")
    expect(page.get_by_label("as it runs in OneFlow")).to_be_hidden()
    expect(page.get_by_label("as specified")).to_be_checked()


@pytest.mark.parametrize("view", ["answer", "explorer", "departures", "ports"])
def test_a_view_prints_on_white_without_controls(browser: Browser, address: str, view: str):
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{address}#{view}")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    style = "getComputedStyle(document.documentElement).getPropertyValue"
    assert page.evaluate(f"{style}('--back')").strip() == "#fff"
    assert page.locator("nav").is_hidden()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{view}-print.png")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(f"{style}('--back')").strip() != "#fff"
    page.close()


def test_copied_code_runs_in_its_framework(page: Page, tmp_path: Path):
    try:
        python, _ = interpreter(backend_of("torch"))
    except BackendAbsent as absent:
        pytest.skip(str(absent))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.select_option("#to", "torch")
    page.select_option("#subject", "step")
    page.get_by_label("as specified").check()
    page.locator("#answer-live .copy").first.click()
    loop = tmp_path / "loop.py"
    loop.write_text(page.evaluate("navigator.clipboard.readText()") + LOOP)
    done = subprocess.run([python, str(loop)], capture_output=True, text=True, check=True)
    # spec/schedules/step.json: the example, 0.4 halved every 7 updates
    assert [*map(float, done.stdout.split())] == [0.4] * 7 + [0.2] * 7 + [0.1] * 6
