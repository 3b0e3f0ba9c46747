"""Which numbered rules a divergence breaks: a scenario's, a schedule's, a member's."""

from __future__ import annotations

from lrspec.engine.rules import Rule, momentum_rules, rule, rules_at
from lrspec.scenario.actions import cut
from lrspec.scenario.declaration import declared
from lrspec.scenario.scenario import Scenario


def broken(scenario: Scenario, row: int, named: str | None = None) -> tuple[Rule, ...]:
    """Return the rules that the rate of *row* breaks, the most particular one first.

    *named* is a rule of the schedule that the explanation found to be broken, be it of which step.
    After a disturbance the scenario's own rule comes first; where both forms are right it is the
    only one, for the rules of the schedule speak of an undisturbed run.
    """
    own = (_of_scenario(scenario),) if _disturbed(scenario, row) else ()
    if own and scenario.id.expects_forms:
        return own
    if named is not None:
        return (*own, rule(f"{scenario.recipe.kind} {named}"))
    step = float(scenario.t[row]) if row < len(scenario.t) else float(scenario.t[-1]) + 1
    return own + rules_at(scenario.recipe, step)


def broken_momentum(scenario: Scenario) -> tuple[Rule, ...]:
    """Return the rules that a wrong momentum breaks, those of the first step if none names it."""
    return momentum_rules(scenario.recipe) or rules_at(scenario.recipe, 0)


def _of_scenario(scenario: Scenario) -> Rule:
    declaration = declared()[scenario.id.name]
    return Rule(scenario.id.name, declaration.id, declaration.words)


def _disturbed(scenario: Scenario, row: int) -> bool:
    """Tell whether something else than an update came before the rate of *row*."""
    return not all(action.advances for action in cut(scenario.actions, row + 1))
