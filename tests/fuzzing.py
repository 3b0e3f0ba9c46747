"""Hostile inputs, made by a seed, and the functions that have to take each of them.

A target takes bytes, text or a JSON document, and returns or raises `LrspecError`. It does so within
the limits of `limits.py`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from recordings import RECORDED

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.runtime.messages import Reply
from lrspec.runtime.observation import from_answer
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import plan

_ROOT = resources.root()
#: Leaves that have broken something somewhere.
HOSTILE: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e-320, 1e308, -1e308, 10**18, 2**53, 2**53 + 1),
    *(2**63, 10**400, -(10**400), 3.0, 0.1, 1e16, 7, 100, 10**6),
    *("", "t", "x" * 3000, "\x1b[31m", "a\nb", "</script>", "\ud800", "\u202e", "1e999", "nan"),
    *("step", "cosine_annealing", "sequential", "lambda", "torch", "stepwise@1000000000"),
    *("t**t**t", "9**9**9", "exp(exp(exp(t)))", "1/t", "t if t else 0", "__import__('os')"),
    *([], {}, [[]], [None], [1] * 50, [0.1, 0.2], ["t"], [[1.0]] * 3, {"a": 1}),
    *({"schedule": "step", "step_size": 3}, {"schedule": "lambda", "factor": "1"}),
]
_WORDS = ["t", "pi", "1", "0.5", "2", "9", "1e308", "(", ")", ",", "+", "-", "*", "/", "//", "%"]
_WORDS += ["**", " if ", " else ", "<", "==", " and ", " not ", "cos(", "exp(", "log(", "max("]
_WORDS += ["sqrt(", "floor(", "lambda:", "[", "]", "{", "}", ".real", "__class__", "'", ":=", "@"]


@cache
def corpus(name: str) -> list[Any]:
    """Return valid inputs of the target called *name*, to be mutated."""
    read = resources.read_json
    if name == "recipe":
        examples = [{"schedule": s.kind, **s.document["example"]} for s in schedules().values()]
        return [*map(read, sorted((_ROOT / "spec" / "recipes").glob("*.json"))), *examples]
    if name == "schedule":
        return [schedule.document for schedule in schedules().values()]
    if name in ("bindings", "dialect"):
        file = "bindings.json" if name == "bindings" else "dialect/classes.json"
        return [{"name": p.name, "of": read(p / file)} for p in (_ROOT / "backends").iterdir()]
    if name in ("record", "answer"):
        lines = (RECORDED / "torch.jsonl").read_text().splitlines()[:400:7]
        return [_without_run(json.loads(line), name) for line in lines]
    if name == "result":
        return [json.loads(json.dumps(_finding(seed))) for seed in range(3)]
    return [
        b'{"schedule": "step", "base_lr": 0.1, "step_size": 3}',
        b"a: [1, 2e-3]\nb: !x {c: d}\n",
    ]


def _without_run(record: dict[str, Any], name: str) -> dict[str, Any]:
    named = {"case", "backend", "argument_form", "scenario"} if name == "answer" else set()
    return {key: value for key, value in record.items() if key not in named}


def _finding(seed: int) -> Any:
    kinds = ["step", "cosine_annealing", "one_cycle"]
    recipe = from_dict({"schedule": kinds[seed], **schedules()[kinds[seed]].document["example"]})
    run = plan([Case("a", "", recipe)], [backends()["torch"]], ["stepwise"], 5)[0]
    rates = run.scenario.expected + 0.1 * seed
    answer = Reply(status="trace", reported=rates.tolist(), applied="reported")
    return msgspec.to_builtins(finding(run, from_answer(answer)))


def mutated(value: Any, chance: random.Random) -> Any:
    """Return *value*, a JSON document or bytes, with a few places changed."""
    if isinstance(value, bytes):
        return _bytes(value, chance)
    changed = _copy(value)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 5])):
        places = list(_places(changed))
        if not places:
            return _copy(chance.choice(HOSTILE))
        holder, key = chance.choice(places)
        what = chance.random()
        if what < 0.15:
            del holder[key]
        elif what < 0.25 and isinstance(holder, dict):
            holder[str(chance.choice(HOSTILE))[:40]] = holder.pop(key)
        elif what < 0.4 and isinstance(holder[key], str):
            holder[key] = formula(chance)
        elif what < 0.5:
            holder[key] = _copy(chance.choice(places)[0])
        else:
            holder[key] = _copy(chance.choice(HOSTILE))
    return changed


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(entries):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


def _bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at_ = chance.randint(0, len(changed))
        what = chance.random()
        if what < 0.3:
            changed[at_ : at_ + chance.randint(1, 4)] = b""
        elif what < 0.6:
            changed[at_:at_] = chance.choice(
                [b"{", b"[", b'"', b":", b"- ", b"&a ", b"*a", b"!!x "]
            )
        elif what < 0.7:
            changed[at_:at_] = chance.choice([b"[" * 2000, b"{a: " * 300, b"9" * 5000, b"- " * 500])
        else:
            changed[at_:at_] = chance.randbytes(chance.randint(1, 6))
    return bytes(changed)


def formula(chance: random.Random) -> str:
    """Return a formula, half the time of the language, else words in a random order."""
    if chance.random() < 0.5:
        return _expression(chance, 4)
    return "".join(chance.choices(_WORDS, k=chance.randint(1, 25)))


def _expression(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["t", "pi", "0", "1", "2.5", "1e300", "9007199254740992", "0.1"])
    a, b, c = (_expression(chance, depth - 1) for _ in "abc")
    forms = ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} // {})", "({} % {})"]
    forms += ["({}) ** ({})", "({} if {} < {} else 1)", "max({}, {}, {})", "exp({})", "log({})"]
    forms += ["cos({})", "sqrt({})", "floor({})", "-{}", "(1 if not {} == {} or {} > 1 else 0)"]
    return chance.choice(forms).format(a, b, c)


def of_seed(name: str, seed: int) -> Any:
    """Return the input of the target called *name* that *seed* stands for."""
    chance = random.Random(f"{name} {seed}")
    return formula(chance) if name == "formula" else mutated(chance.choice(corpus(name)), chance)
