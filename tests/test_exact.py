"""Exact sources: the closed form written out gives the reference's rates, and reads well."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrspec.certify import MOST_ULP, by_engine
from lrspec.conform.cases import Case, cases
from lrspec.errors import Unsupported
from lrspec.frameworks.backend import Backend, backend_of, backends
from lrspec.frameworks.emit import emit
from lrspec.frameworks.exact import EXACT, MARK
from lrspec.frameworks.plain import functions_of, plain, rates_of, walk_of
from lrspec.frameworks.simplify import filled, node_of, tree_of
from lrspec.frameworks.spell import spelled
from lrspec.truth import reference
from lrspec.truth.compiled import value
from lrspec.truth.course import horizons
from lrspec.truth.formula import parse
from lrspec.truth.machine import metric_at
from lrspec.truth.recipe import Recipe, from_dict
from lrspec.truth.schedule import schedules
from lrspec.truth.tolerance import tolerance_of
from lrspec.verdict.compare import Difference, compare

_MODES = list(backends().values())
_LONGEST = 3000
WARMUP = {
    "schedule": "linear_warmup",
    "base_lr": 0.5,
    "warmup_steps": 10,
    "after": {"schedule": "cosine_annealing", "T_max": 90},
}


def text(document: dict, backend: str, because: str = "") -> str:
    return emit(from_dict(document), backend_of(backend), EXACT, because=because).text


def grouped(recipe: Recipe) -> Recipe:
    base = recipe.bases[0]
    return recipe.with_base(base, base / 10)


def difference(recipe: Recipe, source: str) -> Difference:
    """Return how far the functions of *source* lie from the reference, past the horizon."""
    steps = min(horizons(recipe)[1], _LONGEST)
    expected = reference.trace(recipe, steps)
    if recipe.schedule.machine is None:
        rates = rates_of(source, recipe)
        observed = np.array([rates(t) for t in range(steps)])
    else:
        metrics = [metric_at(recipe, t) for t in range(steps)]
        observed = np.array(list(walk_of(source, metrics)))
    return compare(expected, observed, tolerance_of("float64"))


@pytest.mark.parametrize("kind", schedules())
def test_a_plain_function_has_the_rates_of_every_case(kind: str):
    for case in cases():
        if case.recipe.kind == kind:
            for recipe in (case.recipe, grouped(case.recipe)):
                assert difference(recipe, plain(recipe)).max_ulp <= MOST_ULP, case.id


@pytest.mark.parametrize("backend", ["torch", "paddle", "oneflow"])
def test_what_a_framework_is_handed_has_the_rates_of_every_case(backend: str):
    """Run without the framework: the functions of the source, not the class that follows them."""
    for case in cases():
        if case.recipe.schedule.machine is None and not case.generated:
            source = emit(case.recipe, backend_of(backend), EXACT).text
            assert difference(case.recipe, source).max_ulp <= MOST_ULP, case.id


@pytest.mark.parametrize("kind", [k for k, s in schedules().items() if s.machine is None])
def test_a_plain_function_meets_the_anchors_worked_out_by_hand(kind: str):
    for anchor in schedules()[kind].document["anchors"]:
        recipe = from_dict({"schedule": kind, **anchor["recipe"]})
        if "prev" in anchor:  # of the chainable form, which a function of t has no part in
            continue
        if anchor.get("of") == "momentum":
            found = functions_of(plain(recipe))["momentum"](anchor["t"])
        else:
            (found,) = rates_of(plain(recipe), recipe)(anchor["t"])
        by_hand = float(value(parse(anchor["value"]), {}))
        assert found == pytest.approx(by_hand, rel=1e-12, abs=1e-15), anchor["id"]


def test_an_exact_source_in_torch():
    because = "Exact, not CosineAnnealingLR: in PyTorch 2.13.0 it forgets."
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
        "    # Give the optimizer lr=0.5; call scheduler.step() after every optimizer.step().\n"
        "    # Exact, not CosineAnnealingLR: in PyTorch 2.13.0 it forgets.\n"
        "    return LambdaLR(optimizer, lr_lambda=factor)\n"
    )


def test_cases_of_a_formula_become_branches():
    recipe = {"schedule": "one_cycle", "max_lr": 0.4, "total_steps": 21, "pct_start": 0.3}
    written = plain(from_dict({**recipe, "three_phase": True, "anneal_strategy": "linear"}))
    assert written.count("if s < ") == 2
    assert "phase ==" not in written


def test_a_list_that_is_long_stands_beside_the_function():
    milestones = list(range(5, 400, 5))
    written = plain(from_dict({"schedule": "multistep", "base_lr": 1, "milestones": milestones}))
    assert "MILESTONES = [\n    5,\n" in written
    assert "bisect_right(MILESTONES, t)" in written


def test_a_search_for_the_cycle_is_written_where_cycles_grow():
    recipe = {"schedule": "cosine_warm_restarts", "base_lr": 1, "T_0": 5}
    assert "t % 5" in plain(from_dict(recipe))
    longer = plain(from_dict({**recipe, "T_mult": 2}))
    assert "_, start, length = restarted(t, 5, 2)" in longer


def test_a_recipe_in_a_docstring_is_broken_between_its_items():
    metrics = [1 / n for n in range(1, 40)]
    recipe = {"schedule": "reduce_on_plateau", "base_lr": 1, "metrics": metrics}
    written = plain(from_dict(recipe))
    assert "noqa" not in written
    assert documented(written) == {**recipe, "base_lr": 1.0}


def test_a_members_own_time_keeps_its_name_beside_the_parts_of_formulas():
    """one_cycle has a part called s, and the constant after it still reads the member's step."""
    cycle = {"schedule": "one_cycle", "max_lr": 0.2, "total_steps": 1, "pct_start": 0.0}
    members = [cycle, {"schedule": "constant", "factor": 0.0, "total_iters": 1}]
    chain = {"schedule": "chained", "schedules": members}
    first = {"schedule": "constant", "factor": 1.0, "total_iters": 0}
    document = {"schedule": "sequential", "schedules": [first, chain], "milestones": [1]}
    recipe = from_dict({**document, "base_lr": 1.0})
    rates = rates_of(plain(recipe), recipe)
    assert [rates(t)[0] for t in range(4)] == pytest.approx([1, 0, 8e-7, 8e-7])


def test_two_products_are_kept_apart():
    members = [{"schedule": "multiplicative", "factor": f} for f in ("0.9", "1 - 1 / (t + 5)")]
    recipe = from_dict({"schedule": "chained", "base_lr": 1, "schedules": members})
    written = plain(recipe)
    assert "RUNNING_PRODUCT_2" in written
    assert difference(recipe, written).max_ulp <= MOST_ULP


def test_groups_whose_curves_are_no_multiples_each_have_their_own():
    recipe = {**WARMUP, "start_lr": 0.1, "base_lr": [0.5, 0.05]}
    assert "[partial(factor, lr=lr) for lr in (0.5, 0.05)]" in text(recipe, "torch")
    paddle = text(recipe, "paddle")
    assert "then call scheduler.follow(optimizer)" in " ".join(paddle.split()).replace("# ", "")
    assert 'optimize_attr["learning_rate"] = share' in paddle
    assert "def rates(t: int) -> list[float]:" in plain(from_dict(recipe))


def test_a_mode_that_compiles_its_schedules_says_why_it_cannot():
    with pytest.raises(Unsupported, match="cannot be compiled into a graph"):
        text(WARMUP, "oneflow-graph")
    with pytest.raises(Unsupported, match="part of the program"):
        text({**WARMUP, "start_lr": 0.1, "base_lr": [0.5, 0.05]}, "paddle-static")


def documented(source: str) -> dict:
    """Return the recipe that a docstring of *source* holds."""
    found = [
        ast.get_docstring(node, clean=True)
        for node in ast.parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    (docstring,) = (d for d in found if d and f"\n{MARK}\n" in d)
    return json.loads(docstring.partition(f"\n{MARK}\n")[2])


def exact(recipe: Recipe, backend: Backend) -> str:
    """Return the exact source of *recipe*, the plain one where a mode can follow none."""
    try:
        return emit(recipe, backend, EXACT).text
    except Unsupported:
        return plain(recipe)


def test_a_docstring_holds_the_recipe():
    for case in cases():
        for recipe in (
            (case.recipe, grouped(case.recipe)) if case.representative else (case.recipe,)
        ):
            for source in (plain(recipe), exact(recipe, backend_of("paddle"))):
                assert from_dict(documented(source)) == replace(recipe, about=None), case.id


@pytest.mark.parametrize(
    "factor",
    [
        '1 # """ + open("x") + """',
        "1 # \\",
        '1 # \\"""',
        "1 #\n",
        "1 # '''",
        "0.5 ** t # {t} $t ${name} {name}",
        "(0.5 ** t) # " + "é" * 150,
    ],
)
def test_a_strangers_formula_stays_within_the_docstring(factor: str):
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": factor})
    for source in (plain(recipe), *(exact(recipe, backend) for backend in _MODES)):
        assert documented(source)["factor"] == factor
        names = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
        assert names <= {"t", "int", "float", "factor", "LambdaLR", "LambdaDecay", "optimizer"}


def test_what_is_run_can_reach_nothing_but_numbers():
    functions = functions_of("def rate(t):\n    return __import__('os')\n")
    with pytest.raises((ImportError, KeyError, NameError)):
        functions["rate"](0)


def test_the_engine_sees_that_a_source_is_wrong():
    recipe = from_dict(WARMUP)
    source = plain(recipe)
    assert not by_engine(source, recipe, "numpy").diverges
    for wrong in (source.replace("% 180", "% 181"), source.replace("t < 10", "t < 12")):
        assert wrong != source
        certificate = by_engine(wrong, recipe, "numpy")
        assert certificate.diverges
        assert certificate.text.startswith("DIFFERS by lrspec's engine")


_RATE = st.floats(1e-6, 1.0)
_SHARE = st.floats(0.0, 1.0)
_STEPS = st.integers(1, 40)
_LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"schedule": st.just("constant"), "factor": _SHARE, "total_iters": st.integers(0, 40)}
    ),
    st.fixed_dictionaries(
        {"schedule": st.just("linear"), "start_factor": _SHARE, "end_factor": _SHARE, "total_iters": _STEPS}
    ),
    st.fixed_dictionaries({"schedule": st.just("cosine_annealing"), "T_max": _STEPS, "eta_min": _SHARE}),
    st.fixed_dictionaries({"schedule": st.just("cosine_decay"), "decay_steps": _STEPS, "alpha": _SHARE}),
    st.fixed_dictionaries(
        {
            "schedule": st.just("cosine_warm_restarts"),
            "T_0": _STEPS,
            "T_mult": st.integers(1, 3),
            "eta_min": _SHARE,
            "decay_rate": st.floats(0.1, 1.0),
            "restart_limit": st.integers(0, 3),
        }
    ),
    st.fixed_dictionaries(
        {"schedule": st.just("polynomial"), "total_iters": _STEPS, "power": st.floats(0.5, 3), "cycle": st.booleans()}
    ),
    st.fixed_dictionaries(
        {
            "schedule": st.just("one_cycle"),
            "max_lr": _RATE,
            "total_steps": _STEPS,
            "pct_start": st.floats(0, 0.5),
            "three_phase": st.booleans(),
            "anneal_strategy": st.sampled_from(["cos", "linear"]),
        }
    ),
    st.fixed_dictionaries({"schedule": st.just("multiplicative"), "factor": st.sampled_from(["0.9", "t / (t + 1)"])}),
    st.fixed_dictionaries({"schedule": st.just("step"), "step_size": _STEPS, "gamma": _SHARE}),
)  # fmt: skip


def _nested(members: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
    two = st.lists(members, min_size=2, max_size=3)
    return st.one_of(
        two.map(lambda found: {"schedule": "chained", "schedules": found}),
        st.builds(
            lambda found, first, more: {
                "schedule": "sequential",
                "schedules": found,
                "milestones": [first + more * i for i in range(len(found) - 1)],
            },
            two,
            st.integers(0, 30),
            st.integers(0, 30),
        ),
        st.builds(
            lambda after, steps: {
                "schedule": "linear_warmup",
                "warmup_steps": steps,
                "after": after,
            },
            members,
            _STEPS,
        ),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(_LEAVES, _nested, max_leaves=4), _RATE)
def test_any_recipe_is_written_as_what_it_is(document: dict, base: float):
    recipe = from_dict({**document, "base_lr": base})
    expected = reference.trace(recipe, 120)
    for one in (recipe, grouped(recipe)):
        rates = rates_of(plain(one), one)
        observed = np.array([rates(t) for t in range(120)])[:, :1]
        assert np.abs(observed - expected).max() <= 1e-12 * expected.max()


_NUMBERS = st.one_of(st.integers(0, 9), st.floats(0.25, 4)).map(ast.Constant)
_OPERATIONS = [ast.Add(), ast.Sub(), ast.Mult(), ast.Div(), ast.Mod(), ast.FloorDiv(), ast.Pow()]


def _operated(parts: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    compared = st.builds(lambda a, b: ast.Compare(a, [ast.Lt()], [b]), parts, parts)
    return st.one_of(
        st.builds(ast.BinOp, parts, st.sampled_from(_OPERATIONS), parts),
        st.builds(ast.UnaryOp, st.just(ast.USub()), parts),
        st.builds(ast.IfExp, compared, parts, parts),
    )


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(st.one_of(_NUMBERS, st.just(ast.Name("t", ast.Load()))), _operated, max_leaves=8)
)
def test_an_expression_is_spelled_as_it_is_nested(node: ast.expr):
    """The tree of the text is the tree, but for powers, which are made those of floats."""
    plain_tree = ast.parse(ast.unparse(ast.fix_missing_locations(node)), mode="eval").body
    spelt = ast.parse(spelled(node), mode="eval").body

    class Floats(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            if isinstance(node.op, ast.Pow):
                match node.left:
                    case ast.Call(ast.Name(id="float"), [inner]):
                        node.left = inner
                    case ast.Constant(value=float() as found) if found.is_integer():
                        node.left = ast.Constant(int(found))
            return node

    assert ast.dump(Floats().visit(spelt)) == ast.dump(Floats().visit(plain_tree))


@given(st.integers(0, 60), st.floats(0.1, 2.0))
def test_simplifying_changes_no_bit(t: int, a: float):
    formula = parse("0 + 1 * (a - 0.3) * min(t, 9) / 1 + (0.1 - a) * t - 7 * (t // 7)")
    names = {"a": node_of(a)}
    simple = spelled(filled(tree_of(formula), names))
    expected = value(formula, {"t": t, "a": a})
    assert eval(simple, {}, {"t": t}) == expected  # noqa: S307 - our own text


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every source of the suite, native and exact, each once."""
    folder = tmp_path_factory.mktemp("sources")
    found: dict[str, str] = {}
    for case in cases():
        for recipe in (
            (case.recipe, grouped(case.recipe)) if case.representative else (case.recipe,)
        ):
            found.update(_named(case, recipe))
    for index, (source, name) in enumerate(found.items()):
        (folder / f"{name}_{index}.py").write_text(source, encoding="utf-8")
    assert index > 5000
    return folder


def _named(case: Case, recipe: Recipe) -> dict[str, str]:
    name = re.sub(r"\W", "_", case.id)
    said = (
        "Exact, not LambdaLR: in PyTorch 2.13.0, under stepwise@12: a long sentence that says why."
    )
    found = dict.fromkeys([plain(recipe)], f"{name}_plain")
    for mode in ("torch", "torch-tensor", "paddle", "paddle-static", "oneflow", "oneflow-graph"):
        backend = backend_of(mode)
        for spelling in ("native", EXACT) if mode == backend.framework else ("native",):
            try:
                because = said if spelling == EXACT else ""
                source = emit(recipe, backend, spelling, because=because).text
            except Unsupported:
                continue
            found[source] = f"{name}_{backend.framework}_{spelling}"
    return found


@pytest.mark.parametrize(
    "words",
    [("check", "--select", "E,F,W,I,UP,B,C4,PIE,RET"), ("format", "--check")],
    ids=lambda words: words[0],
)
def test_ruff_has_nothing_to_say_about_any_source(words: tuple[str, ...], sources: Path):
    pytest.importorskip("ruff", reason="ruff is not installed")
    options = ("--isolated", "--line-length", "100", "--target-version", "py310", "--no-cache")
    command = [sys.executable, "-m", "ruff", *words, *options, str(sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:2000] + done.stderr[:500]
