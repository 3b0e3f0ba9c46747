"""The numbered rules that a run violates: a scenario's, a schedule's or a member's."""

from __future__ import annotations

from lrspec.engine.rules import Rule, momentum_rules, rule, rules_at
from lrspec.scenario.actions import cut
from lrspec.scenario.declaration import declared
from lrspec.scenario.scenario import Scenario


def violated_rules(scenario: Scenario, row: int, named: str | None = None) -> tuple[Rule, ...]:
    """Return the rules that the rate of *row* violates, the most specific one first.

    *named* is the schedule's rule that the explanation names, if it names one; otherwise the rules
    of the row's step are returned. After a disturbance the scenario's rule comes first. It is the
    only one where both forms are allowed, since the schedule's rules are for undisturbed runs.
    """
    rules: tuple[Rule, ...] = ()
    if _disturbed(scenario, row):
        declaration = declared()[scenario.id.name]
        rules = (Rule(scenario.id.name, declaration.id, declaration.words),)
        if scenario.id.expects_forms:
            return rules
    if named is not None:
        return (*rules, rule(f"{scenario.recipe.kind} {named}"))
    step = float(scenario.t[row]) if row < len(scenario.t) else float(scenario.t[-1]) + 1
    return rules + rules_at(scenario.recipe, step)


def violated_momentum_rules(scenario: Scenario) -> tuple[Rule, ...]:
    """Return the rules of the momentum, or those of the first step if there are none."""
    return momentum_rules(scenario.recipe) or rules_at(scenario.recipe, 0)


def _disturbed(scenario: Scenario, row: int) -> bool:
    """Return whether any action but an update comes before the rate of *row*."""
    return not all(action.advances for action in cut(scenario.actions, row + 1))
