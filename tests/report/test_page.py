"""The page is self-contained, has the same bytes each time, and shows what is hostile as text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from recordings import VERSIONS, observations, runs

from lrspec.report import page
from lrspec.report.sides import Subject, subjects
from lrspec.spec.recipe import from_dict
from lrspec.suite.findings import results_of
from lrspec.suite.run import Observations
from lrspec.verdict.results import Finding, Results

HOSTILE = "</script><img src=x onerror=alert(1)>&lt;b&gt;\"'{{ 7*7 }}"
OF_ONE_SUBJECT = """
from lrspec.report import page
from lrspec.report.sides import subjects
from lrspec.verdict.results import Results
print(page.page(Results({"torch": "2.13.0"}, []), [s for s in subjects() if s.id == "step"]))
"""


class Elements(HTMLParser):
    """The elements of a page: their tags and attributes, and the text of the data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.found and self.found[-1][1].get("id") == "data":
            self.data += data


@pytest.fixture(scope="module")
def found() -> Results:
    return results_of(runs(), Observations(observations(), VERSIONS))


@pytest.fixture(scope="module")
def one(found: Results) -> str:
    return page.page(found, [s for s in subjects() if s.id in ("step", "one-sentence")])


def test_the_same_results_give_the_same_bytes_whatever_the_hash_seed():
    texts = {
        subprocess.run(
            [sys.executable, "-c", OF_ONE_SUBJECT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_the_page_loads_nothing(one: str):
    for tag, attributes in Elements(one).found:
        assert tag not in {"iframe", "img", "object", "embed"}
        assert "src" not in attributes
        if tag == "link":
            assert attributes["href"] == "data:,"


def test_every_id_is_there_once_and_every_local_link_has_its_target(one: str):
    elements = Elements(one).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert sorted(set(ids)) == sorted(ids)
    links = {a.get("href") or "" for tag, a in elements if tag == "a"}
    local = {link[1:].partition("?")[0] for link in links if link.startswith("#")}
    missing = local - set(ids)
    assert missing == set()


def test_the_page_names_an_absent_framework():
    text = page.page(Results({"torch": None}, []), [])
    assert "<strong>PyTorch was absent.</strong>" in text


def finding(**changed) -> Finding:
    fields = {
        "case": HOSTILE,
        "backend": "torch",
        "argument_form": "explicit",
        "scenario": "stepwise@10",
        "description": HOSTILE,
        "recipe": {
            "schedule": "exponential",
            "base_lr": 1.0,
            "gamma": 0.9,
            "about": {"n": HOSTILE},
        },
        "schedule": HOSTILE,
        "status": "trace",
        "verdict": "departs",
        "departures": ["torch-index-takes-a-step"],
        "difference": "divergence",
        "form": None,
        "first_step": 3,
        "extent": 2,
        "updates": 10,
        "max_abs_error": 0.5,
        "max_rel_error": 0.5,
        "max_ulp_error": 1.0,
        "explanation": HOSTILE,
        "source": HOSTILE,
        "reproducer": HOSTILE,
        "steps": [(3, [1.0], [0.5])],
        "of": "rate",
        "rules": [],
    }
    return Finding(**{**fields, **changed})


def test_hostile_results_and_recipes_are_shown_as_text():
    recipe = from_dict(
        {
            "schedule": "step",
            "base_lr": 1,
            "step_size": 2,
            "about": {"title": HOSTILE, "source": HOSTILE, "trap": HOSTILE},
        }
    )
    hostile = Subject("hostile", HOSTILE, recipe, published=True)
    results = Results({"torch": HOSTILE, HOSTILE: None}, [finding()])
    text = page.page(results, [hostile])
    elements = Elements(text)
    assert not [tag for tag, _ in elements.found if tag in ("img", "b")]
    assert not [a for _, a in elements.found if any(name.startswith("on") for name in a)]
    assert "{{ 7*7 }}" in text
    data = json.loads(elements.data)
    assert data["subjects"][0]["title"] == HOSTILE
    assert len([tag for tag, _ in elements.found if tag == "script"]) == 4


def test_the_data_has_the_answers_and_exact_rates(one: str):
    data = json.loads(Elements(one).data)
    step = next(s for s in data["subjects"] if s["id"] == "step")
    assert set(step["curves"]["lines"]) == {
        "specification",
        "torch",
        "paddle",
        "oneflow",
        "oneflow-graph",
    }
    assert step["code"]["torch"]["best"] == "native"
    assert "StepLR" in step["code"]["torch"]["native"]
