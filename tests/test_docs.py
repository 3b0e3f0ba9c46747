"""The numbers and names that README, CHANGELOG and docs state are those of the repository."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from mutants import mutants
from test_architecture import LONGEST

import lrspec
from lrspec import resources
from lrspec.bindings.backend import backend_of, backends, frameworks
from lrspec.dialect.dialect import departures
from lrspec.scenario.builders import SCENARIOS
from lrspec.spec.recipe import load
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import Case, cases
from lrspec.suite.findings import predicted
from lrspec.suite.plan import plan

ROOT = Path(__file__).parents[1]
README, CHINESE, CHANGELOG = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "README.zh-CN.md", "CHANGELOG.md")
)
DOCS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
RECIPES = {path.stem: path for path in (ROOT / "spec" / "recipes").glob("*.json")}
WORDS = {"three": 3, "eight": 8, "ten": 10, "eleven": 11, "twelve": 12}


def stated(pattern: str, text: str) -> list[int]:
    """Return the numbers that *pattern* finds in *text*, whose line ends do not count."""
    found = re.search(pattern, " ".join(text.split()), re.IGNORECASE)
    assert found, f"{pattern!r} is not there; test what is"
    return [WORDS.get(group.lower()) or int(group.replace(",", "")) for group in found.groups()]


def test_the_number_of_runs():
    executed = [run for run in plan(cases(), list(backends().values())) if run.emitted is not None]
    assert stated(r"executes ([\d,]+) runs", README) == [len(executed)]


def test_the_number_of_ports():
    """Every case goes to every framework, the representative ones with a second group too."""
    grouped = [case for case in cases() if case.representative and case.recipe.single]
    assert stated(r"([\d,]+) ports", DOCS["porting"]) == [
        (len(cases()) + len(grouped)) * len(frameworks())
    ]


def test_the_numbers_of_mutants():
    every = sum(len(list(mutants(schedule.document))) for schedule in schedules().values())
    entries = resources.read_json(ROOT / "tests" / "equivalent_mutants.json")
    equivalent = sum(len(entry["schedules"]) for entry in entries)
    pattern = r"Of these ([\d,]+) mutants, all but (\d+) make .* The (\d+) are equivalent"
    assert stated(pattern, DOCS["testing"]) == [every, equivalent, equivalent]


@pytest.mark.parametrize("text", [DOCS["recipes"], CHANGELOG], ids=["recipes", "CHANGELOG"])
def test_the_numbers_of_recipes(text: str):
    abouts = [json.loads(path.read_text(encoding="utf-8"))["about"] for path in RECIPES.values()]
    examples = sum("example" in about for about in abouts)
    every, published, others = stated(r"(\d+) recipes[.:] (\d+) .*?(\d+) (?:are )?examples", text)
    assert (every, published, others) == (len(RECIPES), len(RECIPES) - examples, examples)


def test_the_number_of_schedules_and_their_list():
    assert stated(r"Specification: (\d+) schedules", CHANGELOG) == [len(schedules())]
    listed = " ".join(DOCS["recipes"].split()).partition("The kinds are ")[2].partition(". ")[0]
    assert set(re.findall("`([a-z_]+)`", listed)) == set(schedules())


def test_the_number_of_modes():
    assert stated(r"(\w+) modes in all", CHANGELOG) == [len(backends())]


def test_the_number_of_scenarios_and_their_table():
    assert stated(r"(\w+) scenarios: ", CHANGELOG) == [len(SCENARIOS)]
    rows = re.findall(r"^\| (`[^|]*`) \|", DOCS["scenarios"], re.MULTILINE)
    assert set(re.findall("`([a-z_]+)`", " ".join(rows))) >= set(SCENARIOS)


@pytest.mark.parametrize(
    "text", [README, CHINESE, CHANGELOG], ids=["README", "README.zh-CN", "CHANGELOG"]
)
def test_the_versions_of_the_frameworks(text: str):
    for backend in frameworks().values():
        (pin,) = (pin for pin in backend.pins if pin.startswith(f"{backend.distribution}=="))
        assert f"{backend.title} {pin.partition('==')[2]}" in " ".join(text.split())


def test_the_number_of_pytorch_schedulers_that_are_ported():
    every = len(resources.read_json(ROOT / "benchmarks" / "paconvert.json")["cases"])
    assert stated(r"ports (\d+) PyTorch schedulers", DOCS["paconvert"]) == [every]
    assert stated(r"(\d+) PyTorch schedulers, ported", README) == [every]
    counts = resources.read_json(ROOT / "benchmarks" / "paconvert_results.json")["counts"]
    heads = ("right", "right except for the momentum", "wrong", "not converted")
    for tool in ("PaConvert", "lrspec"):
        cells = " | ".join(str(counts[tool].get(head, 0)) for head in heads)
        assert f"| {tool} | {cells} |" in DOCS["paconvert"]


def test_the_chain_of_the_readme_has_the_rates_that_it_states():
    text = DOCS["divergences"]
    found = re.search(r"```json\n(\{.*?\})\n```", text, re.DOTALL)
    assert found
    chain = lrspec.load(json.loads(found[1]))
    rates, used = chain.trace(41)[:, 0], chain.as_in("torch").trace(41)[:, 0]
    text = " ".join(text.split())
    assert f"At step 21 it uses {used[21]:.6g} where" in text
    assert f"specification has {rates[21]:.6g}, and {sum(abs(rates - used) > 1e-9)} of 41" in text
    trains = r"At step 40 \S+( \S+)? trains with a rate of 1, where the product (of .*? )?is 0\.001"
    assert all(re.search(trains, " ".join(page.split())) for page in (README, text))
    assert (used[40], rates[40]) == (pytest.approx(1), pytest.approx(0.001))
    assert chain.as_in("oneflow").trace(41)[40, 0] == pytest.approx(0.001)


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d,.]*\d|\d", text))


def test_the_chinese_readme_has_the_numbers_commands_and_links_of_the_english_one():
    assert re.findall(r"```console.*?```", README, re.DOTALL) == re.findall(
        r"```console.*?```", CHINESE, re.DOTALL
    )
    plain = [re.sub(r"```.*?```", "", text, flags=re.DOTALL) for text in (README, CHINESE)]
    codes = [re.findall(r"`([^`]+)`", " ".join(text.split())) for text in plain]
    assert Counter(codes[0]) == Counter(codes[1])
    links = [re.findall(r"\]\(([^)]+)\)", text)[1:] for text in (README, CHINESE)]
    assert Counter(links[0]) == Counter(links[1])
    assert numbers(README) == numbers(CHINESE)


def test_what_the_suite_costs():
    costs = resources.read_json(ROOT / "benchmarks" / "costs.json")
    disk = sum(costs["disk_bytes"].values()) / 1e9
    assert f"take {disk:.1f} GB" in " ".join(README.split())
    whole, quick = (
        round(costs[name]["processor_seconds"] / 60)
        for name in ("conformance", "conformance --quick")
    )
    pattern = r"It takes (\d+) min of processor time, .*? -- --quick`, .*? takes (\d+) min"
    assert stated(pattern, README) == [whole, quick]


SEQUENCE = {
    "schedule": "sequential",
    "base_lr": 1.0,
    "schedules": [
        {"schedule": "linear", "start_factor": 0.0, "end_factor": 1.0, "total_iters": 10},
        {"schedule": "cosine_annealing", "T_max": 90},
    ],
    "milestones": [10],
}
ROWS = {
    "PyTorch SequentialLR": ("one-sentence", "torch", "explicit"),
    "Paddle LinearWarmup": ("one-sentence-not-subtracted", "paddle", "explicit"),
    "OneFlow WarmupLR": ("one-sentence-not-subtracted", "oneflow", "defaults"),
    "OneFlow SequentialLR": (SEQUENCE, "oneflow", "defaults"),
    "PyTorch OneCycleLR": ("one-sentence-one-cycle", "torch", "explicit"),
}


@pytest.mark.parametrize("label", ROWS)
def test_a_row_of_the_table_has_the_rates_that_its_framework_uses(label: str):
    recipe, backend, form = ROWS[label]
    case = Case(label, "", load(recipe), (121,), argument_form=form)
    (run,) = plan([case], [backend_of(backend)], ["stepwise"])
    prediction = predicted(run)
    assert prediction is not None
    heads, row = re.findall(
        rf"^\| (?:implementation|{label}.*?) \|(.*)\|$", DOCS["divergences"], re.MULTILINE
    )
    cells = dict(zip(map(int, heads.split("|")), row.replace(" ", "").split("|"), strict=True))
    assert len(cells) == 8
    for step, cell in cells.items():
        if cell == "raises":
            assert step >= len(prediction.rates)
        else:
            assert float(cell) == pytest.approx(prediction.rates[step, 0], abs=5.1e-7), step


def test_the_tolerances():
    limits = resources.read_json(ROOT / "spec" / "tolerances.json")["float64"]
    text = " ".join(DOCS["conformance"].split())
    assert f"at most {limits['rounding']:.0e} of the peak up to that step" in text
    assert f"over {limits['divergence']:.0e} is a divergence".replace("e-09", "e-9") in text


def test_the_longest_file():
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert stated(r"no file is longer than (\d+) lines", contributing) == [LONGEST]


def test_the_negative_rate_of_the_readme():
    cycle = {"schedule": "one_cycle", "max_lr": 1, "total_steps": 10, "anneal_strategy": "linear"}
    cycle = lrspec.load({**cycle, "pct_start": 0.3, "div_factor": 4, "final_div_factor": 8})
    used = cycle.as_in("torch").trace(11)[10, 0]
    assert (
        f"the rate is {used:.3f}, in PyTorch and in Paddle".replace("-", "−") in DOCS["divergences"]
    )
    assert cycle.as_in("paddle").trace(11)[10, 0] == pytest.approx(used)


def test_the_conventions_name_departures_recipes_and_schedules():
    names = set(re.findall("`([a-z0-9]+(?:-[a-z0-9]+)+)`", DOCS["conventions"]))
    assert names <= {*departures(), *RECIPES}
    assert len(names) > 20


@pytest.mark.parametrize(
    "path", [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], ids=lambda path: path.stem
)
def test_links_within_the_repository_lead_to_files(path: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
