"""Standalone sources: the closed form, written out, has the specified rates and reads well."""

from __future__ import annotations

import pytest
from written import difference, grouped

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.codegen.emit import emit
from lrspec.codegen.plain_function import functions_of, plain, rates_of
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.port.certificate import MAX_ULP, by_engine
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases

pytestmark = pytest.mark.every_python

WARMUP = {
    "schedule": "linear_warmup",
    "base_lr": 0.5,
    "warmup_steps": 10,
    "after": {"schedule": "cosine_annealing", "T_max": 90},
}


def text(document: dict, backend: str, because: str = "") -> str:
    return emit(from_dict(document), backend_of(backend), STANDALONE, reason=because).text


@pytest.mark.parametrize("kind", schedules())
def test_a_plain_function_has_the_rates_of_every_case(kind: str):
    for case in cases():
        if case.recipe.kind == kind:
            for recipe in (case.recipe, grouped(case.recipe)):
                assert difference(recipe, plain(recipe)).max_ulp <= MAX_ULP, case.id


@pytest.mark.parametrize("backend", frameworks())
def test_a_standalone_source_has_the_rates_of_every_case(backend: str):
    """Without the framework: the functions of the source are run, not the class that calls them."""
    for case in cases():
        if case.recipe.schedule.machine is None and not case.generated:
            source = emit(case.recipe, backend_of(backend), STANDALONE).text
            assert difference(case.recipe, source).max_ulp <= MAX_ULP, case.id


@pytest.mark.parametrize("kind", [k for k, s in schedules().items() if s.machine is None])
def test_a_plain_function_has_the_values_of_the_anchors(kind: str):
    for anchor in schedules()[kind].document["anchors"]:
        recipe = from_dict({"schedule": kind, **anchor["recipe"]})
        if "prev" in anchor:  # an anchor of the recursive form
            continue
        if anchor.get("of") == "momentum":
            actual = functions_of(plain(recipe))["momentum"](anchor["t"])
        else:
            (actual,) = rates_of(plain(recipe), recipe)(anchor["t"])
        by_hand = float(value(parse(anchor["value"]), {}))
        assert actual == pytest.approx(by_hand, rel=1e-12, abs=1e-15), anchor["id"]


def test_a_standalone_source_in_torch():
    because = "Standalone, because CosineAnnealingLR (PyTorch 2.13.0) differs: a reason."
    assert text(WARMUP, "torch", because) == (
        "import math\n"
        "\n"
        "from torch.optim.lr_scheduler import LambdaLR\n"
        "\n"
        "\n"
        "def factor(t: int) -> float:\n"
        '    """Return the rate of update t, as a fraction of the base rate.\n'
        "\n"
        "    Recipe:\n"
        '    {"schedule": "linear_warmup", "base_lr": 0.5, "warmup_steps": 10,\n'
        '    "after": {"schedule": "cosine_annealing", "T_max": 90}}\n'
        '    """\n'
        "    if t < 10:\n"
        "        return t / 10\n"
        "    return (1 + math.cos(math.pi * ((t - 10) % 180) / 90)) / 2\n"
        "\n"
        "\n"
        "def build_scheduler(optimizer):\n"
        "    # Create the optimizer with lr=0.5; call scheduler.step() after every optimizer.step().\n"
        "    # Standalone, because CosineAnnealingLR (PyTorch 2.13.0) differs: a reason.\n"
        "    return LambdaLR(optimizer, lr_lambda=factor)\n"
    )


def test_cases_of_a_formula_become_branches():
    recipe = {"schedule": "one_cycle", "max_lr": 0.4, "total_steps": 21, "pct_start": 0.3}
    source = plain(from_dict({**recipe, "three_phase": True, "anneal_strategy": "linear"}))
    assert source.count("if s < ") == 2
    assert "phase ==" not in source


def test_a_long_list_is_a_constant_of_the_module():
    milestones = list(range(5, 400, 5))
    source = plain(from_dict({"schedule": "multistep", "base_lr": 1, "milestones": milestones}))
    assert "MILESTONES = [\n    5,\n" in source
    assert "bisect_right(MILESTONES, t)" in source


def test_growing_cycles_are_found_by_a_search():
    recipe = {"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 5}
    assert "t % 5" in plain(from_dict(recipe))
    longer = plain(from_dict({**recipe, "T_mult": 2}))
    assert "_, start, length = restarted(t, 5, 2)" in longer


def test_the_step_of_a_member_and_the_parts_of_a_formula_have_different_names():
    """one_cycle has a part called s; the constant after it reads the member's step."""
    cycle = {"schedule": "one_cycle", "max_lr": 0.2, "total_steps": 1, "pct_start": 0.5}
    members = [cycle, {"schedule": "constant", "factor": 0.0, "total_iters": 1}]
    chain = {"schedule": "chained", "schedules": members}
    first = {"schedule": "constant", "factor": 1.0, "total_iters": 0}
    document = {"schedule": "sequential", "schedules": [first, chain], "milestones": [1]}
    recipe = from_dict({**document, "base_lr": 1.0})
    rates = rates_of(plain(recipe), recipe)
    assert [rates(t)[0] for t in range(4)] == pytest.approx([1, 0, 8e-7, 8e-7])


def test_two_products_have_two_caches():
    members = [{"schedule": "multiplicative", "factor": f} for f in ("0.9", "1 - 1 / (t + 5)")]
    recipe = from_dict({"schedule": "chained", "base_lr": 1, "schedules": members})
    source = plain(recipe)
    assert "RUNNING_PRODUCT_2" in source
    assert difference(recipe, source).max_ulp <= MAX_ULP


def test_groups_whose_curves_are_not_multiples_have_a_function_each():
    recipe = {**WARMUP, "start_lr": 0.1, "base_lr": [0.5, 0.05]}
    assert "[partial(factor, lr=lr) for lr in (0.5, 0.05)]" in text(recipe, "torch")
    paddle = text(recipe, "paddle")
    assert "then call scheduler.follow(optimizer)" in " ".join(paddle.split()).replace("# ", "")
    assert 'optimize_attr["learning_rate"] = share' in paddle
    assert "def rates(t: int) -> list[float]:" in plain(from_dict(recipe))


def test_a_mode_that_compiles_its_schedules_cannot_follow_a_function():
    with pytest.raises(Unsupported, match="cannot be compiled into a graph"):
        text(WARMUP, "oneflow-graph")
    with pytest.raises(Unsupported, match="part of the program"):
        text({**WARMUP, "start_lr": 0.1, "base_lr": [0.5, 0.05]}, "paddle-static")


def test_a_source_that_is_run_without_its_framework_cannot_import():
    functions = functions_of("def rate(t):\n    return __import__('os')\n")
    with pytest.raises((ImportError, KeyError, NameError)):
        functions["rate"](0)


def test_the_engine_detects_a_wrong_source():
    recipe = from_dict(WARMUP)
    source = plain(recipe)
    assert not by_engine(source, recipe, "numpy").diverges
    for wrong in (source.replace("% 180", "% 181"), source.replace("t < 10", "t < 12")):
        assert wrong != source
        certificate = by_engine(wrong, recipe, "numpy")
        assert certificate.diverges
        assert certificate.text.startswith("DIFFERS by lrspec's engine")
