"""A rule for a range of versions: which variant holds, and what stands in its place."""

from __future__ import annotations

import pytest
from packaging.version import Version

from lrspec.dialect.versions import of_version, release_of
from lrspec.errors import BadInput

RULE = {"next": {"<2.8": "lr", ">=2.8": "lr * gamma"}, "closed": {">=2.6": "base_lr"}}


@pytest.mark.parametrize(
    ("version", "rule"),
    [
        ("2.5.1", {"next": "lr"}),
        ("2.6.0", {"next": "lr", "closed": "base_lr"}),
        ("2.8.0", {"next": "lr * gamma", "closed": "base_lr"}),
    ],
)
def test_a_key_has_the_value_of_the_range_with_the_version(version: str, rule: dict[str, str]):
    assert of_version(RULE, Version(version)) == rule


@pytest.mark.parametrize(
    ("version", "lines"), [("1.13", ["a", "b", "z"]), ("2.0", ["c", "z"]), ("3.0", ["z"])]
)
def test_the_lines_of_a_range_take_the_place_of_the_object(version: str, lines: list[str]):
    rule = [{"<2.0": ["a", "b"], ">=2.0,<3.0": "c"}, "z"]
    assert of_version(rule, Version(version)) == lines


def test_a_list_that_is_an_item_stays_one():
    assert of_version([["a", "b"], {"when": "x"}], Version("2.0")) == [["a", "b"], {"when": "x"}]


def test_two_ranges_with_one_version_are_rejected():
    with pytest.raises(BadInput, match="at most one that contains"):
        of_version({"<=2.0": "a", ">=2.0": "b"}, Version("2.0"))


def test_what_only_looks_like_a_range_is_rejected():
    with pytest.raises(BadInput, match="PEP 440"):
        of_version({"<two": "a"}, Version("2.0"))


@pytest.mark.parametrize(
    ("version", "release"),
    [("2.4.0a0+git", "2.4.0"), ("2.13.0+cpu", "2.13.0"), ("2.3.1+graft", "2.3.1")],
)
def test_a_build_is_of_the_release_that_it_leads_to(version: str, release: str):
    assert release_of(version) == Version(release)


def test_no_version_is_no_release():
    assert release_of("") is None
