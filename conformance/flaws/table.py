"""Every kind of divergence, with a fake that has only this flaw and the recipes in which it shows.

The kinds are roughly in the order in which they are tried, simplest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flaws import recipes as of
from flaws.recipes import SMOOTH, STAIRS, Maker

#: Takes a recipe and the k of a scenario; returns whether the flaw shows there.
Shows = Callable[[dict[str, Any], int], bool]


@dataclass(frozen=True)
class Flaw:
    """The kind that the suite must report for a fake under a scenario.

    `words` is part of the explanation, if the kind alone does not distinguish two fakes.
    """

    kind: str
    fake: str
    recipes: Maker
    scenario: str = "stepwise"
    variant: str = ""
    shows: Shows = lambda _recipe, _k: True
    words: str = ""
    argument_form: str = "explicit"

    @property
    def name(self) -> str:
        """Return the fake and the scenario with its variant."""
        return f"{self.fake}, {self.scenario} {self.variant}".rstrip()


def _begun(_recipe: dict[str, Any], k: int) -> bool:
    return k > 0


def _far_from_a_peak(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether step k is more than one step away from a step at the base rate."""
    return k > 1 and k % (2 * recipe.get("T_max", 100)) not in (
        0,
        1,
        2 * recipe.get("T_max", 0) - 1,
    )


def _recursive(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether the step to k depends on the previous rate, and neither is the base rate."""
    trough = recipe.get("T_max", 100)
    return k > 1 and k % (2 * trough) not in (0, 1, trough)


def _after_the_first_stair(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether a shift of the whole curve shows before k."""
    return k > recipe.get("step_size", 0)


def _just_before_the_end(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether a run that continues one step too far is at the end, but not past it."""
    return k == int(recipe["T_max"]) - 1


def _at_the_end(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether k is the last step before the end, or the end."""
    return k in (recipe["total_iters"] - 1, recipe["total_iters"])


def _past_the_end(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether k is the first step past the end."""
    return k == int(recipe["total_iters"]) + 1


def _past_the_trough(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether the run from k passes the step at which the chain loses its decay."""
    return all(
        max(m.get("T_max", 0), *m.get("milestones", [0])) + 1 < k + 12 for m in recipe["schedules"]
    )


def _in_a_cycle(recipe: dict[str, Any], k: int) -> bool:
    """Tell whether a first cycle starting at k differs from the recipe's rates there."""
    return k > 0 and (recipe["T_mult"] > 1 or k % recipe["T_0"] != 0)


CURVES = of.any_of(of.one_of(*SMOOTH, *STAIRS, of.epochs), of.warmup(*SMOOTH, *STAIRS))
RISING = of.any_of(of.sequence((of.linear,), SMOOTH), of.warmup(*SMOOTH))
JOINED = of.any_of(of.sequence((of.linear, of.constant), SMOOTH), of.warmup(*SMOOTH))
MARKED = of.any_of(of.one_of(*STAIRS, of.epochs, of.cosine, of.polynomial), JOINED)
MOVERS = (of.exponential, of.linear, of.polynomial, of.cosine)
MOVING = of.one_of(*MOVERS)
NESTED = of.any_of(of.sequence(MOVERS, MOVERS), of.warmup(*MOVERS))
SCALED = of.one_of(of.exponential, of.linear, *STAIRS, of.epochs)

FLAWS: tuple[Flaw, ...] = (
    Flaw("exact", "honest", of.binary),
    Flaw("rounding", "rounds", CURVES),
    Flaw("drift", "drifts", CURVES),
    Flaw("float32", "float32", CURVES),
    Flaw("misreported", "misreports", CURVES),
    Flaw("momentum", "leaves_the_momentum", of.cycles),
    Flaw("rejected", "refuses", of.one_of(of.cosine)),
    Flaw("errored", "loses_updates", CURVES),
    Flaw("a step taken once more", "recursion", MOVING, "get_lr", "returned"),
    *(Flaw("advanced by reading", "advances_when_read", NESTED, "get_lr", variant) for variant in ("called-twice", "returned")),
    Flaw("another default", "other_default", of.by_default, argument_form="defaults"),
    Flaw("another default, other tail", "other_default_and_repeats", of.by_default, argument_form="defaults"),
    Flaw("another default, other tail, then an error", "other_default_repeats_then_raises", of.by_default, argument_form="defaults"),
    Flaw("metrics in a cooldown ignored", "ignores_metrics_in_a_cooldown", of.best_in_a_cooldown, "metrics"),
    Flaw("NaN taken for the best", "takes_nan_for_the_best", of.nan_first, "metrics"),
    *(
        Flaw("state not restored", fake, of.one_of(of.cosine, of.exponential), "resume_state", order, _far_from_a_peak)
        for fake in ("forgets_the_rate", "recursion_forgets_the_rate")
        for order in ("right", "scheduler-only")
    ),
    Flaw("state not restored", "forgets_the_step", of.one_of(of.cosine, of.exponential), "resume_state", "right", _far_from_a_peak),
    Flaw("resumed one step early", "honest", of.one_of(of.cosine, of.exponential, of.stairs), "resume_index", "k", _begun),
    Flaw("resumed one step early", "resumes_early", of.one_of(of.cosine, of.stairs), "resume_index", "continues", _after_the_first_stair),
    Flaw("resumed one step early", "resumes_early", of.one_of(of.cosine, of.exponential, of.stairs), "resume_state", "right", _after_the_first_stair),
    Flaw("resumed one step late", "resumes_late", of.one_of(of.cosine, of.stairs), "resume_index", "continues", _after_the_first_stair),
    Flaw("resumed one step late", "resumes_late", of.one_of(of.cosine, of.exponential, of.stairs), "resume_state", "right", _after_the_first_stair),
    Flaw("a step repeated", "repeats_a_step", of.one_of(of.cosine, of.exponential), "resume_index", "continues", _recursive),
    Flaw("resumed from the base rate", "resumes_from_the_base", of.one_of(of.cosine, of.exponential), "resume_index", "continues", _recursive),
    Flaw("members begun anew", "restarts_its_members", of.sequence((of.exponential,), (of.exponential, of.polynomial)), "resume_index", "continues", _begun),
    Flaw("place in the cycle lost", "loses_its_cycle", of.one_of(of.restarts), "resume_state", "right", _in_a_cycle),
    Flaw("shifted by +1", "early_by_one", CURVES),
    Flaw("shifted by -1", "late_by_one", CURVES),
    Flaw("shifted by -1", "late_by_one_from_below", of.one_of(*SMOOTH, *STAIRS)),
    Flaw("shifted by +2", "early_by_two", CURVES),
    Flaw("shifted by -2", "late_by_two", CURVES),
    Flaw("shifted by +3", "early_by_three", CURVES),
    Flaw("shifted by -3", "late_by_three", CURVES),
    Flaw("shifted by +1", "early_by_one", of.one_of(of.exponential, of.stairs), "changed", "halved"),
    Flaw("other time base", "global_time", JOINED),
    Flaw("other time base", "local_time", of.sequence((of.linear, of.constant), SMOOTH, time="global")),
    Flaw("off at landmarks", "wrong_at_landmarks", MARKED, words="and nowhere else."),
    Flaw("recursive form", "recursion", of.forgetful_chain),
    Flaw("recursive form", "recursion", of.forgetful_chain, "resume_state", "right", _past_the_trough),
    Flaw("recursive form", "recursion", SCALED, "jump", "whole"),
    Flaw("recursive form", "recursion", SCALED, "jump", "twice", words="Each jump takes one step more"),
    Flaw("shifted by +1 from a landmark", "early_from_a_landmark", JOINED),
    Flaw("shifted by -1 from a landmark", "late_from_a_landmark", RISING),
    Flaw("other tail", "holds_past_the_end", of.one_of(of.cosine), words="is held."),
    Flaw("other tail", "mirrors_past_the_end", of.one_of(of.polynomial, of.linear), words="is mirrored."),
    Flaw("other tail", "repeats_past_the_end", of.one_of(of.polynomial, of.linear, of.cosine), words="is repeated."),
    Flaw("other tail", "zero_past_the_end", of.one_of(of.polynomial, of.linear, of.cosine), words="is zero."),
    Flaw("other tail", "runs_on_past_the_end", of.one_of(of.linear), words="is run on by the formula"),
    Flaw("other tail, then an error", "runs_on_then_raises", of.one_of(of.linear), words="is run on by the formula"),
    Flaw("error raised", "raises_past_the_end", of.one_of(of.polynomial, of.linear, of.cosine)),
    Flaw("error raised", "raises", CURVES),
    Flaw("shifted by +1, then an error", "early_then_raises", of.one_of(*SMOOTH)),
    Flaw("resumed one step early, other tail", "holds_past_the_end", of.one_of(of.cosine), "resume_index", "k", _just_before_the_end, words="is held."),
    Flaw("resumed one step early, other tail, then an error", "runs_on_then_raises", of.one_of(of.linear), "resume_index", "k", _at_the_end),
    Flaw("state not restored, other tail, then an error", "forgets_the_rate_then_raises", of.one_of(of.linear), "resume_state", "scheduler-only", _at_the_end),
    Flaw("state not restored, then an error", "forgets_the_rate_then_raises", of.one_of(of.linear), "resume_state", "built-late", _past_the_end),
    Flaw("float32", "float32", SCALED, "changed", "halved"),
    Flaw("off at landmarks", "wrong_at_landmarks", of.one_of(*STAIRS), "changed", "halved"),
    Flaw("other tail", "holds_past_the_end", of.one_of(of.cosine), "changed", "halved", words="is held."),
    Flaw("landmark never reached", "misses_milestones_between_steps", of.between_steps),
    Flaw("other time base, off at landmarks", "global_time_and_wrong_at_landmarks", of.sequence((of.linear, of.constant), SMOOTH)),
    Flaw("shifted by +1, resumed one step early", "early_by_one", of.one_of(of.cosine, of.stairs), "resume_index", "k", _after_the_first_stair),
    Flaw("shifted by -1, resumed one step early", "late_by_one_from_below", of.one_of(of.cosine, of.exponential), "resume_index", "k", _far_from_a_peak),
    Flaw("shifted by +1 in a member", "early_in_a_member", of.sequence((of.polynomial,), (of.linear, of.stairs))),
    Flaw("shifted by -1 in a member", "late_in_a_member", of.sequence((of.linear,), (of.polynomial,))),
    Flaw("a step too many in a member", "steps_at_its_start", of.any_of(of.chain((of.stairs,), (of.exponential,)), of.sequence((of.stairs,), (of.linear,)))),
    Flaw("not begun from the base rate", "goes_on_from_before", of.sequence((of.linear, of.constant), (of.exponential, of.polynomial, of.stairs))),
    Flaw("not begun from the base rate", "goes_on_from_before", of.sequence((of.linear, of.constant), (of.exponential, of.polynomial, of.stairs)), "changed", "halved"),
    Flaw("milestone one step early in a member", "nested_milestones_early", of.nested),
    Flaw("milestone one step early in a member, then an error", "nested_milestones_early_then_raises", of.nested),
    Flaw("another base rate", "takes_the_first_rate_for_the_base", of.pieces_first),
    Flaw("another base rate, other tail, then an error", "takes_the_first_rate_then_raises", of.sequence((of.pieces,), (of.linear,))),
    *(
        Flaw(form, fake, maker, scenario, variant)
        for form, fake in (("closed form", "honest"), ("recursive form", "recursion"))
        for scenario, variant, maker in (
            ("changed", "halved", SCALED),
            ("changed", "set", SCALED),
            ("rebuilt", "anew", MOVING),
            ("rebuilt", "in-turn", MOVING),
            ("late_group", "", MOVING),
        )
    ),
    Flaw("closed form", "honest", SCALED, "jump", "changed"),
    Flaw("recursive form", "recursion", SCALED, "jump", "changed"),
    Flaw("recursive form, closed at a jump", "restates_at_a_jump", SCALED, "jump", "changed"),
    Flaw("recursive form", "recursion", MOVING, "rebuilt", "alternately"),
    Flaw("own rate", "own_rate", MOVING, "rebuilt", "in-turn"),
    Flaw("group not scheduled", "leaves_a_late_group", MOVING, "late_group"),
    Flaw("group not scheduled", "schedules_one_group", MOVING, "groups"),
    Flaw("another group's factors", "factors_of_the_first_group", of.one_of(of.cosine, of.polynomial), "late_group"),
    Flaw("another group's factors, then an error", "factors_of_the_first_group_then_raises", of.one_of(of.cosine, of.polynomial), "late_group"),
    Flaw("group not scheduled, off at landmarks", "leaves_a_late_group_and_is_wrong_at_landmarks", of.one_of(*STAIRS, of.cosine, of.polynomial), "late_group"),
    Flaw("group not scheduled, other tail", "leaves_a_late_group_and_is_zero_past_the_end", of.one_of(of.linear, of.cosine, of.polynomial), "late_group", words="is zero."),
    Flaw("unexplained", "noisy", of.one_of(*SMOOTH)),
)  # fmt: skip
