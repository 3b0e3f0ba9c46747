"""Native source: its text, and the reason where a framework cannot express a recipe."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrspec.bindings.backend import backend_of, backends
from lrspec.bindings.tree import Call, Variable
from lrspec.codegen.emit import argument_forms, emit
from lrspec.codegen.rendering import render
from lrspec.errors import BadInput, Unsupported
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.unparse import python_of
from lrspec.spec.recipe import from_dict, load
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "T_max": 90}
WARMUP = {"schedule": "linear_warmup", "base_lr": 0.5, "warmup_steps": 10, "after": COSINE}


def text(document: dict, backend: str, argument_form: str = "explicit") -> str:
    return emit(from_dict(document), backend_of(backend), argument_form).text


def test_warmup_and_cosine_in_paddle():
    assert text(WARMUP, "paddle") == (
        "from paddle.optimizer.lr import CosineAnnealingDecay, LinearWarmup\n"
        "\n"
        "\n"
        "def build_scheduler():\n"
        "    # Pass it to the optimizer as learning_rate; "
        "call scheduler.step() after every optimizer.step().\n"
        "    return LinearWarmup(\n"
        "        learning_rate=CosineAnnealingDecay(learning_rate=0.5, T_max=90, eta_min=0.0),\n"
        "        warmup_steps=10,\n"
        "        start_lr=0.0,\n"
        "        end_lr=0.5,\n"
        "    )\n"
    )


def test_warmup_and_cosine_in_torch():
    assert text(WARMUP, "torch") == (
        "from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, SequentialLR\n"
        "\n"
        "\n"
        "def build_scheduler(optimizer):\n"
        "    # Create the optimizer with lr=0.5; call scheduler.step() after every optimizer.step().\n"
        "    return SequentialLR(\n"
        "        optimizer,\n"
        "        schedulers=[\n"
        "            LambdaLR(optimizer, lr_lambda=lambda t: t / 10),\n"
        "            CosineAnnealingLR(optimizer, T_max=90, eta_min=0.0),\n"
        "        ],\n"
        "        milestones=[10],\n"
        "    )\n"
    )


def test_warmup_and_cosine_in_oneflow():
    native = text(WARMUP, "oneflow")
    assert "WarmupLR(\n        CosineAnnealingLR(optimizer, T_max=90, eta_min=0.0)," in native
    assert "warmup_prefix=True" in native
    assert "warmup_prefix" not in text(WARMUP, "oneflow", "defaults")
    assert argument_forms(from_dict(WARMUP), backend_of("oneflow")) == ("explicit", "defaults")
    assert argument_forms(from_dict(WARMUP), backend_of("torch")) == ("explicit",)


def test_a_warmup_from_a_rate_is_a_line_of_factors():
    from_a_rate = text({**WARMUP, "start_lr": 0.1}, "torch")
    assert "LinearLR(optimizer, start_factor=0.2, end_factor=1.0, total_iters=10)" in from_a_rate
    above = text({**WARMUP, "end_lr": 2.0}, "torch")
    assert "lr_lambda=lambda t: (0.0 + (2.0 - 0.0) * t / 10) / 0.5" in above


def test_a_formula_becomes_plain_python():
    lambdas = text(
        {"schedule": "lambda", "base_lr": 1, "factor": "cos(pi * t) + min(t, 3)"}, "torch"
    )
    assert "import math\n\nfrom torch" in lambdas
    assert "lr_lambda=lambda t: math.cos(math.pi * t) + min(t, 3)" in lambdas
    assert python_of(parse("restart_index(t, 1, 2)")) is None


def test_the_comment_gives_the_rate_of_each_parameter_group():
    two = {**WARMUP, "base_lr": [0.5, 0.05]}
    assert "Create the optimizer with lr=0.5, 0.05 in its parameter groups;" in text(two, "torch")
    written = " ".join(text(two, "paddle").replace("#", "").split())
    assert "with learning_rate=1.0, 0.1 in its parameter groups; call" in written
    with pytest.raises(Unsupported, match="no multiple of its base rate"):
        text({**two, "start_lr": 0.01}, "paddle")
    with pytest.raises(Unsupported, match="differ between the parameter groups"):
        text({**two, "start_lr": 0.01}, "torch")


@pytest.mark.parametrize(
    ("document", "backend", "reason"),
    [
        ({"schedule": "cosine_decay", "base_lr": 1, "decay_steps": 3}, "torch", "rises again"),
        ({"schedule": "polynomial", "base_lr": 1, "end_lr": 0.1}, "torch", "no end rate"),
        ({"schedule": "polynomial", "base_lr": 1, "cycle": True}, "torch", "no cycle"),
        ({"schedule": "lambda", "base_lr": 1, "factor": "t"}, "oneflow-graph", "no graph form"),
        (
            {
                "schedule": "linear_warmup",
                "base_lr": 1,
                "warmup_steps": 1,
                "after": {"schedule": "lambda", "factor": "t"},
            },
            "oneflow-graph",
            "no graph form",
        ),
    ],
)
def test_a_recipe_that_a_framework_cannot_express_is_unsupported_with_the_reason(
    document, backend, reason
):
    with pytest.raises(Unsupported, match=reason):
        text(document, backend)


def test_an_unknown_backend_is_rejected():
    with pytest.raises(BadInput, match=f"expected one of {', '.join(backends())}"):
        backend_of("jax")


def test_every_source_of_the_suite_is_python_that_imports_what_it_calls():
    texts = {run.emitted.text for run in plan(cases(), list(backends().values())) if run.emitted}
    assert len(texts) > 200
    for source in texts:
        tree = ast.parse(source)
        imported = {a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
        calls = {
            n.func.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        own = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
        assert calls - {"min", "max", "abs"} <= imported | own
        assert own or imported == calls - {"min", "max", "abs"}
        assert [n.name for n in tree.body if isinstance(n, ast.FunctionDef)] == ["build_scheduler"]


def test_every_binding_is_used_by_a_case():
    """A line of a binding that nothing emits has never been run."""
    runs = plan(cases(), list(backends().values()))
    for backend in backends().values():
        emitted = {c for r in runs if r.emitted and r.backend is backend for c in r.emitted.classes}
        bound = {
            binding.class_
            for entry in backend.bindings.schedules.values()
            if not any(c.always and c.mode in (None, backend.name) for c in entry.unsupported)
            for binding in entry.bindings
            if binding.class_ and not binding.read_only
        }
        assert bound <= emitted, backend.name


def test_a_long_call_is_broken_into_one_item_a_line():
    short = Call("F", {"self": Variable("x"), "a": 1, "b": [1.5, True]}, ("self",))
    assert render(short) == "F(x, a=1, b=[1.5, True])"
    assert render(short, 4, 80) == "F(\n        x,\n        a=1,\n        b=[1.5, True],\n    )"
    assert render({"a": "s"}) == '{"a": "s"}'


@pytest.mark.parametrize(
    ("formula", "python"),
    [
        ("0.95 ** t", "0.95**t"),
        ("(t + 1) ** -0.5", "(t + 1) ** -0.5"),
        ("(t + 1) ** 2", "float(t + 1) ** 2"),
        ("1 / 9 ** (9 + t)", "1 / 9.0 ** (9 + t)"),
    ],
)
def test_a_power_in_emitted_python_is_one_of_floats(formula: str, python: str):
    """A power of exact integers may have any number of digits, and take as long."""
    written = python_of(parse(formula, frozenset({"t"}))) or ""
    assert written == python


@given(st.integers(0, 40))
def test_python_of_a_formula_computes_what_the_formula_does(t: int):
    formula = parse(
        "0.5 ** t if t < 10 and not t == 3 else floor(sqrt(t + 1)) / 7", frozenset({"t"})
    )
    source = python_of(formula)
    expected = 0.5**t if t < 10 and t != 3 else math.floor(math.sqrt(t + 1)) / 7
    assert eval(source or "", {"math": math}, {"t": t}) == expected  # noqa: S307 - our own text


def test_published_recipes_are_written_where_a_framework_can():
    assert "MultiStepDecay" in emit(load("imagenet-one-hour"), backend_of("paddle")).text
