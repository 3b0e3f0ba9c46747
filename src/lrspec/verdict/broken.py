"""Which numbered rules a divergence breaks: a drive's, a schedule's, a member's."""

from __future__ import annotations

from lrspec.engine.rules import Rule, momentum_rules, rule, rules_at
from lrspec.scenario.scenario import Drive, declared

_RECORDING = ("updates", "metrics", "steps")


def broken(drive: Drive, row: int, named: str | None = None) -> tuple[Rule, ...]:
    """Return the rules that the rate of *row* breaks, the most particular one first.

    *named* is a rule of the schedule that the explanation found to be broken, be it of which step.
    After a disturbance the drive's own rule comes first; where both forms are right it is the only
    one, for the rules of the schedule speak of an undisturbed run.
    """
    own = (_of_drive(drive),) if _disturbed(drive, row) else ()
    if own and drive.expects_forms:
        return own
    if named is not None:
        return (*own, rule(f"{drive.recipe.kind} {named}"))
    step = float(drive.t[row]) if row < len(drive.t) else float(drive.t[-1]) + 1
    return own + rules_at(drive.recipe, step)


def broken_momentum(drive: Drive) -> tuple[Rule, ...]:
    """Return the rules that a wrong momentum breaks, those of the first step if none names it."""
    return momentum_rules(drive.recipe) or rules_at(drive.recipe, 0)


def _of_drive(drive: Drive) -> Rule:
    entry = declared()[drive.kind]
    return Rule(drive.kind, entry["id"], entry["words"])


def _disturbed(drive: Drive, row: int) -> bool:
    """Tell whether something else than an update came before the rate of *row*."""
    rows = 0
    for verb, argument in drive.actions:
        if verb not in _RECORDING:
            return True
        if verb == "metrics":
            rows += len(argument)
        else:
            rows += argument if verb == "updates" else len(range(0, argument[0], argument[1]))
        if rows > row:
            return False
    return False
