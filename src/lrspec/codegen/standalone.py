"""A recipe as standalone source: a function of the step, for a framework that accepts one.

`LambdaLR` and its like follow the closed form of the recipe; where the rate depends on a metric, or
where the momentum moves too, the source defines a small class. The framework's own text around the
function is in `backends/<name>/standalone/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from lrspec.bindings.backend import Backend
from lrspec.codegen.comments import comment, usage
from lrspec.codegen.framework_rates import is_closed, state, step_body
from lrspec.codegen.module import Module, docstring, module_text
from lrspec.codegen.state_machine import states_of
from lrspec.codegen.statements import RETURN, Body
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import constant
from lrspec.spec.recipe import Recipe

#: The style of such a source, and the name of its argument form.
STANDALONE = "standalone"
#: What a scheduler can set in the optimizer itself, and how a docstring names it.
_SETTABLE = {"groups": "the rate of each group", "momentum": "the momentum"}


def standalone(recipe: Recipe, backend: Backend, reason: str, index: str | None) -> tuple[str, str]:
    """Return *recipe* written out for *backend*, and the framework's class that the source uses.

    *reason* is the comment's second sentence. With *index* `build_scheduler` takes the index that a
    run resumes from. Raises `Unsupported` where a mode compiles its schedules and cannot follow a
    function.
    """
    unsupported = backend.mode.unsupported_standalone
    if "all" in unsupported:
        raise Unsupported(unsupported["all"])
    settings = _set_in_optimizer(recipe, backend)
    if settings and "optimizer" in unsupported:
        raise Unsupported(unsupported["optimizer"])
    text = usage(recipe.with_base(recipe.bases[0]) if settings else recipe, backend)
    if settings:
        groups = _groups(recipe) if "groups" in settings else ""
        text = text.replace("; call", f"{groups}, then call scheduler.follow(optimizer); call", 1)
    comments = "\n".join(comment(f"{text}\n{reason}"))
    if recipe.schedule.machine is not None:
        if recipe.group_counts:
            raise Unsupported("a standalone plateau has the same parameters in all groups")
        return _machine(recipe, backend, comments, own_groups=bool(settings))
    if not is_closed(recipe):
        if settings or recipe.moves_momentum():
            raise Unsupported("it sets more than one rate from the rate before")
        return _recurrence(recipe, backend, comments)
    return _function(recipe, backend, comments, settings, index)


def _set_in_optimizer(recipe: Recipe, backend: Backend) -> list[str]:
    """Return what the scheduler has to set in the optimizer in addition to its one rate."""
    if backend.groups != "factors":
        return []
    scales = recipe.dialect is None and recipe.scales_with_base()
    differ = len(set(recipe.bases)) > 1 or bool(recipe.group_counts)
    own_curves = differ and not scales
    return ["groups"] * own_curves + ["momentum"] * recipe.moves_momentum()


def _groups(recipe: Recipe) -> str:
    """Return which parameter groups the optimizer needs, for a comment."""
    rates = f" for base_lr={', '.join(map(repr, recipe.bases))}" if recipe.base_lr else ""
    return f", with {len(recipe.bases)} parameter groups{rates} in the order of the recipe"


def _function(
    recipe: Recipe, backend: Backend, comments: str, settings: Sequence[str], index: str | None
) -> tuple[str, str]:
    """Return a source whose scheduler follows a function of t, and the class that it uses."""
    module, lr, group_rate = Module(recipe, _target(backend)), 1.0, ""
    if recipe.dialect is None and recipe.scales_with_base():
        function, lr = module.factor(), recipe.bases[0]
    elif "groups" in settings:
        function, group_rate = module.highest()
    elif backend.groups == "factors":
        function = module.rate()
    else:
        function = module.share()
    head, _, build = _template(backend, "lambda").partition("\n\n\n")
    base_class = used_class = head.split()[-1]
    if recipe.moves_momentum():
        module.momentum()
    if settings:
        used_class = "OptimizerSchedule"
        module.define(_optimizer_schedule(module, backend, settings, group_rate))
    elif recipe.moves_momentum():
        used_class = "RateAndMomentum"
        module.define(_template(backend, "momentum"))
    comma = ", " if backend.argument else ""
    substitutes = {
        "class": used_class,
        "index": f"{comma}{index}=-1" if index else "",
        "comment": comments,
        "function": function,
        "given": f", {index}={index}" if index else "",
        "lr": lr,
    }
    module.define(Template(build).substitute(substitutes))
    return module_text(module.definitions, head), base_class


def _optimizer_schedule(
    module: Module, backend: Backend, settings: Sequence[str], group_rate: str
) -> str:
    """Return a class that sets the optimizer's *settings* at every step."""
    template = Template("".join(_template(backend, f"optimizer_{setting}") for setting in settings))
    groups = f"index in range({len(module.recipe.bases)})"
    if "lr" in group_rate:
        groups = f"index, lr in enumerate({module.base_rates()})"
    body = template.substitute(rate=group_rate.replace("(t", "(self.last_epoch"), each=groups)
    return Template(_template(backend, "optimizer")).substitute(
        what=" and ".join(_SETTABLE[setting] for setting in settings),
        body=body.rstrip(),
        attribute="\n    cycle_momentum = True" if "momentum" in settings else "",
    )


def _machine(
    recipe: Recipe, backend: Backend, comments: str, *, own_groups: bool
) -> tuple[str, str]:
    """Return a source whose scheduler follows a metric, and the class that it derives from."""
    states = states_of(recipe, "self.")
    first, learn, after = Body(), Body(), Body()
    first.assign(states.first, 8)
    learn.assign(states.learn, 8)
    learn.line(RETURN + states.due, 8)
    after.block(states.after, RETURN, 8)
    template = _template(backend, "machine_groups" if own_groups else "machine")
    head, _, rest = template.partition("\n\n\n")
    module = Module(recipe, _target(backend))
    summary, origin = recipe.schedule.document["summary"], recipe.dialect
    if origin is not None:
        summary = f"{summary.removesuffix('.')}, as in {origin}."
    module.define(
        Template(rest).substitute(
            name=_class_name(recipe),
            docstring="\n".join(docstring(summary, recipe, module.target)),
            state="\n".join(first.lines),
            keys=", ".join(f'"{target.removeprefix("self.")}"' for target, _ in states.first),
            due=states.due,
            learn="\n".join(learn.lines),
            after="\n".join(after.lines),
            comment=comments,
            lr=repr(recipe.bases[0]),
            bases=module.base_rates() if own_groups else "",
        )
    )
    return module_text(module.definitions, head), head.split()[-1]


def _recurrence(recipe: Recipe, backend: Backend, comments: str) -> tuple[str, str]:
    """Return a source whose scheduler follows its own last rate, and the class it derives from."""
    one, others = state(recipe, "self.")
    body, several = step_body(recipe), len(set(recipe.bases)) > 1
    argument, first = backend.argument or "learning_rate", Body()
    first.assign([(f"self.{variable}", constant(one.first[variable])) for variable in others], 8)
    constructor = [
        f"    def __init__(self, {argument}):",
        *first.lines,
        f"        super().__init__({argument})",
        "",
    ]
    target = _target(backend)
    module = Module(recipe, target)
    for lines in body.definitions.values():
        module.define("\n".join(lines))
    head, _, rest = _template(backend, "recurrence").partition("\n\n\n")
    assert recipe.dialect is not None  # noqa: S101 - a specified rate depends on the step alone
    summary = f"The rates that {recipe.dialect} uses."
    module.define(
        Template(rest).substitute(
            name=_class_name(recipe),
            docstring="\n".join(docstring(summary, recipe, target)),
            constructor="\n".join([*constructor, ""]) if others else "",
            keys=", ".join(f'"{key}"' for key in ("last_epoch", "last_lr", *others)),
            base=', group["initial_lr"]' if several else "",
            parameters=", ".join(["self", "t", "rate"] + ["lr"] * several),
            step=module.step,
            after="\n".join(body.lines),
            comment=comments,
            lr=repr(recipe.bases[0]),
        )
    )
    return module_text(module.definitions, head), head.split()[-1]


def _class_name(recipe: Recipe) -> str:
    """Return the name of a class for *recipe*, `ReduceOnPlateau` or `ReduceOnPlateauAsInPaddle`."""
    origin = recipe.dialect
    words = recipe.kind if origin is None else f"{recipe.kind}_as_in_{origin.framework}"
    return words.replace("-", "_").title().replace("_", "")


def _target(backend: Backend) -> str:
    """Return the framework and the version that the backend describes."""
    return f"{backend.title} {backend.version}".strip()


def _template(backend: Backend, name: str) -> str:
    path = backend.folder / "standalone" / f"{name}.txt"
    if not path.exists():
        raise Unsupported(f"backends/{backend.framework}/standalone has no {path.name}")
    return path.read_text(encoding="utf-8")
