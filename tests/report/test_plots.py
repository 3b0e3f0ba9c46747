"""Plots as pictures."""

from __future__ import annotations

from pathlib import Path

from lrspec.dialect.curve import curve_of
from lrspec.report import plots
from lrspec.spec.recipe import from_dict, load


def test_a_long_run_is_sampled_also_around_its_landmarks():
    t = plots.sampled_steps(1_000_000, [10_000]).tolist()
    assert len(t) < 4100
    assert {0, 9_999, 10_000, 10_001, 999_999} <= set(t)
    assert plots.sampled_steps(5, [9]).tolist() == [0, 1, 2, 3, 4]


def texts(path: Path) -> str:
    """Return the words of a picture; Matplotlib writes each as a comment."""
    return path.read_text()


def test_curves_far_apart_are_relative_to_their_peaks(tmp_path: Path):
    path = tmp_path / "a.svg"
    recipes = {"llama": load("llama"), "bert": load("bert"), "one": load("one-sentence")}
    plots.curves({name: curve_of(recipes[name], 900) for name in ("llama", "one")}, path)
    assert "<!-- llama (peak 0.0001348) -->" in texts(path)
    assert "<!-- one (peak 1) -->" in texts(path)
    assert "<!-- minus llama -->" in texts(path)
    plots.curves({name: curve_of(recipes[name], 20_000) for name in ("llama", "bert")}, path)
    assert "<!-- llama -->" in texts(path)


def test_runs_of_other_lengths_have_their_own_axes(tmp_path: Path):
    path = tmp_path / "a.svg"
    slow = from_dict({"schedule": "exponential", "base_lr": 0.5, "gamma": 0.9999})
    one = load("one-sentence")
    plots.curves({"slow": curve_of(slow, 1_000_000), "one": curve_of(one, 100)}, path)
    assert "<!-- slow (1,000,000 steps) -->" in texts(path)
    assert "<!-- one (100 steps) -->" in texts(path)
    assert "<!-- step t / length of the run -->" in texts(path)
    assert "minus" not in texts(path)


def test_the_same_curves_have_the_same_bytes(tmp_path: Path):
    for name in ("a.svg", "b.svg"):
        plots.curves({"bert": curve_of(load("bert"), 1_000_000)}, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
