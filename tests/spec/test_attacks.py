"""Attacks on the formula language: each is refused in one line that says what was found."""

from __future__ import annotations

import sys

import pytest

from lrspec.cli.app import run
from lrspec.errors import BadInput
from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.functions import SCALAR
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

#: What is attempted, the formula, and what the error names.
ATTACKS = {
    "import a module": ("__import__('os').system('id')", "a Python Call"),
    "name the importer": ("__import__", "the name '__import__'"),
    "name the builtins": ("__builtins__", "the name '__builtins__'"),
    "evaluate text": ("eval('1')", "a call of eval"),
    "execute text": ("exec('1')", "a call of exec"),
    "compile text": ("compile('1', '', 'eval')", "a call of compile"),
    "open a file": ("open('/etc/passwd')", "a call of open"),
    "read from the terminal": ("input()", "a call of input"),
    "stop in the debugger": ("breakpoint()", "a call of breakpoint"),
    "get an attribute by name": ("getattr(t, 'real')", "a call of getattr"),
    "list the variables": ("globals()", "a call of globals"),
    "call the compiled function": ("compiled(t)", "a call of compiled"),
    "call an operator of the compiler": ("__power(9, 9)", "a call of __power"),
    "call the compiler's selection": ("__where(1, t, t)", "a call of __where"),
    "climb from a tuple to all classes": (
        "().__class__.__base__.__subclasses__()",
        "a Python Call",
    ),
    "read an attribute of the step": ("t.__class__", "the attribute .__class__"),
    "read an attribute of a number": ("(1).real", "the attribute .real"),
    "read an attribute of a function": ("cos.__self__", "the attribute .__self__"),
    "read the frame of a generator": ("(x for x in t).gi_frame", "the attribute .gi_frame"),
    "hide a name in compatible letters": ("\uff45\uff56\uff41\uff4c('1')", "a call of eval"),
    "hide an attribute in compatible letters": (
        "t.\uff52\uff45\uff41\uff4c",
        "the attribute .real",
    ),
    "hide a name behind a mathematical letter": ("\U0001d4fd.real", "the attribute .real"),
    "index": ("t[0]", "a Python Subscript"),
    "slice": ("t[:]", "a Python Subscript"),
    "text": ("'a' * 999", "the constant 'a'"),
    "bytes": ("b'a'", "the constant b'a'"),
    "format a text": ("f'{t!r:>{999999}}'", "a Python JoinedStr"),
    "an ellipsis": ("...", "the constant Ellipsis"),
    "none": ("None", "the constant None"),
    "a truth value": ("True", "the constant True"),
    "a complex number": ("1j", "the constant 1j"),
    "an infinite number": ("1e999", "the number inf"),
    "an integer that no float has": ("9007199254740993", "the number 9007199254740993"),
    "a function of its own": ("lambda: t", "a Python Lambda"),
    "call a function of its own": ("(lambda f: f(f))(lambda f: f(f))", "a Python Call"),
    "a default argument": ("(lambda a=t: a)()", "a Python Call"),
    "a list": ("[t]", "a Python List"),
    "a loop": ("[x for x in t]", "a Python ListComp"),
    "a set": ("{t}", "a Python Set"),
    "a dictionary": ("{t: t}", "a Python Dict"),
    "a dictionary's loop": ("{x: x for x in t}", "a Python DictComp"),
    "a tuple": ("(t, t)", "a Python Tuple"),
    "assign": ("(t := 9)", "a Python NamedExpr"),
    "wait": ("await t", "a Python Await"),
    "yield": ("(yield t)", "a Python Yield"),
    "keyword arguments": ("max(t, default=t)", "a call of max"),
    "unpack an argument": ("max(t, *t)", "a Python Starred"),
    "unpack keywords": ("max(**t)", "a call of max"),
    "identity": ("t is t", "a Python Compare"),
    "membership": ("t in t", "a Python Compare"),
    "chained comparisons": ("0 < t < 1", "a Python Compare"),
    "shift": ("1 << 99999999", "a Python BinOp"),
    "multiply matrices": ("t @ t", "a Python BinOp"),
    "bits": ("t & t", "a Python BinOp"),
    "invert bits": ("~t", "a Python UnaryOp"),
    "a statement": ("import os", "import os"),
    "two statements": ("t; t", "t; t"),
    "two lines": ("t\nimport os", "t?import os"),
    "a null byte": ("t\0", "t?"),
    "a tower of powers": ("9**9**9", "9 ** 9 ** 9"),
    "a longer tower of powers": ("2**2**2**2**2**2", "2 ** 2 ** 2 ** 2 ** 2,"),
    "a power at every step": ("t * 9**9**9**9", "9 ** 9 ** 9"),
    "divide by zero": ("1 / 0", "1 / 0"),
    "divide by what is zero": ("t + 1 / floor(0.5)", "1 / floor(0.5)"),
    "the logarithm of a part that is zero": ("log(t - t + 0 * 1) + log(sin(0))", "log(sin(0))"),
    "divide by zero in the only branch": ("(t if pi < 2 else 1) / 0", "(t if pi < 2 else 1) / 0"),
    "an integer that NumPy does not have": ("t + 9007199254740992 * 2", "9007199254740992 * 2"),
    "the root of a negative number": ("(-8) ** 0.5", "(-8) ** 0.5"),
    "more digits than an integer may have": ("9" * 1900, "the number"),
    "parentheses without end": ("(" * 900 + "t" + ")" * 900, "((((("),
    "signs without end": ("-" * 1900 + "t", "a larger formula"),
    "sums without end": ("+".join("t" * 990), "a larger formula"),
    "conditions without end": ("t if t else " * 150 + "t", "a larger formula"),
    "a formula without end": ("t" * 10**6, "1000000 characters"),
    "a product of all steps": ("product(factor, 10**15)", "a call of product"),
    "every restart": ("restarts(1, 1, 10**15)", "a call of restarts"),
    "every step": ("every(0, 1, 10**15)", "a call of every"),
    "nothing": ("", ""),
    "spaces": ("   ", ""),
    "a name that a recipe does not have": ("base_lr", "the name 'base_lr'"),
    "a function without its arguments": ("cos", "the function cos without its arguments"),
    "a function as a value": ("max(cos, t)", "the function cos without its arguments"),
    "too many arguments": ("cos(t, t)", "cos with 2 arguments"),
    "a comparison as a number": ("t < 1", "a condition"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_in_one_line(attack: str):
    text, found = ATTACKS[attack]
    with pytest.raises(BadInput) as caught:
        from_dict({"schedule": "lambda", "base_lr": 1, "factor": text})
    line = str(caught.value)
    assert line.startswith("$.factor")
    assert f"found {found}" in line
    assert line.isprintable()
    assert len(line) < 400


def test_an_attack_is_refused_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_text('{"schedule": "lambda", "base_lr": 1, "factor": "().__class__"}')
    assert run(["trace", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"lrspec: {path}: $.factor, column 1: found the attribute")
    assert printed.err.count("\n") == 1


def test_a_compiled_formula_has_no_way_out():
    """Its globals are the language's functions; there are no builtins, not even when it fails."""
    function = compile_formulas(("t",), (), parse("cos(t)", frozenset({"t"})), SCALAR)
    assert function.__globals__["__builtins__"] == {}
    assert not {*sys.modules} & {name for name in function.__globals__ if name != "compiled"}
    assert {type(v).__name__ for v in function.__globals__.values()} <= {
        *("builtin_function_or_method", "dict", "float", "function", "type"),
    }
