"""Traps of the training loop around a scheduler: seen in its file, or to be asked about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lrspec.spec.recipe import Recipe

#: What to know about each trap, by its name.
_ADVICE = {
    "gradient accumulation": "step the scheduler once per update, not once per batch",
    "GradScaler": "skips updates that overflow; do not step the scheduler after these",
    "accelerate": "steps once per process at each call, unless split_batches=True",
    "epoch or update": "a step of this curve is one call of scheduler.step()",
}
_SEEN_PER_EPOCH = (
    "scheduler.step() is outside the loop of optimizer.step(): the curve counts epochs"
)


@dataclass(frozen=True)
class Trap:
    """One trap: its name, what to do, and the line of the file that has it (0: not seen)."""

    name: str
    advice: str
    line: int = 0


def traps(recipe: Recipe) -> list[Trap]:
    """Return every trap, as questions about a loop that is not known."""
    unit = (recipe.about or {}).get("unit")
    counted = f"the recipe counts {unit}: call scheduler.step() as often"
    own = {"epoch or update": counted} if isinstance(unit, str) and unit != "steps" else {}
    return [Trap(name, advice) for name, advice in {**_ADVICE, **own}.items()]


def traps_in(source: bytes) -> list[Trap]:
    """Return the traps that the Python text *source* shows."""
    lines: dict[str, int] = {}
    for name, line in _seen(ast.parse(source)):
        lines[name] = min(line, lines.get(name, line))
    return [
        Trap(name, _SEEN_PER_EPOCH if name == "epoch or update" else _ADVICE[name], lines[name])
        for name in _ADVICE
        if name in lines
    ]


def _seen(tree: ast.Module) -> Iterator[tuple[str, int]]:
    steps = dict(_steps(tree, 0))
    scheduler = [(depth, line) for line, (name, depth) in steps.items() if _is_scheduler(name)]
    optimizer = [depth for name, depth in steps.values() if "optim" in name or "scaler" in name]
    for depth, line in scheduler:
        if optimizer and depth < max(optimizer):
            yield "epoch or update", line
    for node in ast.walk(tree):
        name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "arg", "")
        line = getattr(node, "lineno", 0)
        if not isinstance(name, str) or not line:
            continue
        if name == "GradScaler":
            yield "GradScaler", line
        elif name == "Accelerator":
            yield "accelerate", line
        elif "accum" in name.lower():
            yield "gradient accumulation", line


def _steps(node: ast.AST, loops: int) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the line of each call of `NAME.step()`, with the name and the loops around it."""
    for child in ast.iter_child_nodes(node):
        called = child.func if isinstance(child, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr == "step":
            yield called.lineno, (ast.unparse(called.value).lower(), loops)
        inner = isinstance(child, (ast.For, ast.While, ast.AsyncFor))
        yield from _steps(child, loops + inner)


def _is_scheduler(name: str) -> bool:
    return "sched" in name or name.rpartition(".")[2] in ("lr", "warmup")
