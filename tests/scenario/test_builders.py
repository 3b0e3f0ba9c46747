"""Scenarios and landmarks: which steps are run, and in which order."""

from __future__ import annotations

import pytest

from lrspec.engine.landmarks import landmarks, span
from lrspec.scenario.builders import SCENARIOS, expand, horizons
from lrspec.scenario.declaration import declared
from lrspec.scenario.scenario import with_index
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

COSINE = {"schedule": "cosine_annealing", "T_max": 5}


def recipe(**document):
    return from_dict({"base_lr": 1, **document})


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        (COSINE, {5: "trough", 10: "peak", 15: "trough", 20: "peak"}),
        ({"schedule": "step", "step_size": 7}, {7: "decay", 14: "decay", 21: "decay"}),
        ({"schedule": "multistep", "milestones": [0, 2.5, 30]}, {3: "milestone"}),
        (
            {"schedule": "cosine_warm_restarts", "T_0": 1, "T_mult": 3},
            {1: "restart", 4: "restart", 13: "restart"},
        ),
        (
            {"schedule": "polynomial", "total_iters": 9, "cycle": True},
            {9: "end", 10: "cycle", 19: "cycle"},
        ),
        ({"schedule": "polynomial", "total_iters": 9}, {9: "end"}),
        ({"schedule": "exponential", "gamma": 0.5}, {}),
        (
            {"schedule": "linear_warmup", "warmup_steps": 3, "after": COSINE},
            {3: "end of the warmup", 8: "trough", 13: "peak", 18: "trough"},
        ),
        (
            {"schedule": "sequential", "schedules": [COSINE, COSINE], "milestones": [7]},
            {5: "trough", 7: "milestone", 12: "trough", 17: "peak", 22: "trough"},
        ),
        (
            {
                "schedule": "sequential",
                "schedules": [COSINE, COSINE],
                "milestones": [7],
                "time": "global",
            },
            {5: "trough", 7: "milestone", 10: "peak", 15: "trough", 20: "peak"},
        ),
        (
            {"schedule": "chained", "schedules": [COSINE, {"schedule": "step", "step_size": 11}]},
            {5: "trough", 10: "peak", 11: "decay", 15: "trough", 20: "peak", 22: "decay"},
        ),
    ],
)
def test_landmarks_are_where_something_happens(document, steps):
    assert landmarks(recipe(**document), 22) == steps


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        (COSINE, 60),
        ({"schedule": "cosine_warm_restarts", "T_0": 2, "T_mult": 3}, 728),
        ({"schedule": "linear_warmup", "warmup_steps": 3, "after": COSINE}, 63),
        ({"schedule": "linear_warmup", "warmup_steps": 3}, 3),
        ({"schedule": "sequential", "schedules": [COSINE, COSINE], "milestones": [7]}, 67),
        ({"schedule": "chained", "schedules": [COSINE, {"schedule": "step", "step_size": 4}]}, 60),
    ],
)
def test_the_span_shows_all_that_happens(document, steps):
    assert span(recipe(**document)) == steps
    assert horizons(recipe(**document)) == (steps + 2, 2 * steps + 5)


def test_no_run_is_longer_than_the_rates_of_a_formula():
    poly = recipe(schedule="lambda", base_lr=1.0, factor="max((1 - t / 400) ** 0.9, 0.01)")
    assert horizons(poly) == (400, 400)
    assert expand(poly, "long", 1)[0].t.max() == 399
    assert expand(poly, "long", 1)[0].expected[-1] == 0.01


def one(document, name, steps):
    return expand(recipe(**document), name, steps)[0]


def names(document, name, steps=22):
    return [str(scenario.id) for scenario in expand(recipe(**document), name, steps)]


def test_a_stepwise_scenario_is_plain_updates():
    scenario = one(COSINE, "stepwise", 7)
    assert (str(scenario.id), scenario.actions, scenario.t.tolist()) == (
        "stepwise@7",
        (("updates", 7),),
        [*range(7)],
    )
    assert scenario.stepwise


def test_a_jump_scenario_goes_forward_backward_and_twice_to_one_step():
    scenario = one(COSINE, "jump", 12)
    targets = [number for verb, number in scenario.actions if verb == "jump"]
    assert targets == [4, 10, 5, 5, 0, 10, 12, 1]
    assert scenario.t.tolist()[:8] == [0, 1, 4, 5, 6, 10, 11, 12]
    assert not scenario.stepwise


def test_a_step_is_jumped_to_four_times_in_a_row_and_four_times_with_an_update_each():
    scenario = one(STEPS, "jump:twice", 22)
    assert (str(scenario.id), scenario.id.variant, scenario.id.expects_forms) == (
        "jump@7:twice",
        "twice",
        False,
    )
    verbs = [verb for verb, _ in scenario.actions]
    assert verbs == ["updates", *["jump"] * 4, "updates", *["jump", "updates"] * 4, "updates"]
    assert {to for verb, to in scenario.actions if verb == "jump"} == {7}
    assert scenario.t.tolist() == [0, 7, 8, 9, 7, 7, 7, 7, 8, 9]


def test_a_jump_after_a_change_expects_forms_and_other_jumps_do_not():
    halving = {"schedule": "exponential", "gamma": 0.5}
    changed, whole = one(halving, "jump:changed", 4), one(halving, "jump", 4)
    assert str(changed.id) == "jump@1:changed"
    assert changed.actions[:4] == (("updates", 1), ("set", 0.1), ("updates", 2), ("jump", 3))
    assert changed.t.tolist() == [0, 1, 2, 3, 4, 5, 1, 2, 3]
    assert (changed.id.expects_forms, whole.id.expects_forms) == (True, False)


def test_some_variants_run_only_if_they_are_named():
    assert names(STEPS, "jump") == ["jump:whole"]
    assert names(STEPS, "jump:whole") == ["jump:whole"]
    assert names(STEPS, "rebuilt:alternately") == ["rebuilt@0:alternately"]
    assert "rebuilt@0:alternately" not in names(STEPS, "rebuilt")
    assert {name.rpartition(":")[2] for name in names(STEPS, "resume_state:right")} == {"right"}


def test_a_scenario_is_selected_by_its_name_its_variant_or_its_run():
    for wanted in ("jump:twice", "jump@7:twice"):
        assert str(one(STEPS, wanted, 22).id) == "jump@7:twice"
    assert names(STEPS, "jump@9:twice") == []
    assert {
        str(scenario.id.selector) for scenario in expand(recipe(**STEPS), "resume_index", 9)
    } == {
        "resume_index:continues",
        "resume_index:k",
    }
    assert str(one(STEPS, "stepwise", 9).id.selector) == "stepwise"
    assert str(one(STEPS, "jump", 9).id.selector) == "jump:whole"


def test_schedulers_that_are_stepped_together_are_all_built():
    scenario = one(STEPS, "rebuilt:alternately", 5)
    assert scenario.actions == (("together", (5, 2)),)
    assert (scenario.t.tolist(), len(scenario.others)) == ([*range(5)], 1)


def test_reading_twice_updates_and_recording_get_lr_does_not():
    twice, returned = expand(recipe(**STEPS), "get_lr", 500)
    assert (str(twice.id), twice.actions, twice.updates) == (
        "get_lr@100:called-twice",
        (("read", 100),),
        100,
    )
    assert (str(returned.id), returned.actions, returned.updates) == (
        "get_lr@100:returned",
        (("get_lr", 100),),
        0,
    )
    assert (twice.id.misuse, returned.id.misuse) == (False, True)
    assert names({"schedule": "reduce_on_plateau"}, "get_lr") == []


def test_a_jump_may_end_between_two_steps_where_the_source_allows_it():
    assert names(STEPS, "jump") == ["jump:whole"]
    restarts = {"schedule": "cosine_warm_restarts", "T_0": 5}
    whole, fraction = expand(recipe(**restarts), "jump", 22)
    assert (str(whole.id), str(fraction.id)) == ("jump:whole", "jump:fraction")
    assert fraction.t.tolist()[:5] == [0, 1, 5.5, 6.5, 7.5]


def test_a_groups_scenario_has_two_rates_where_there_was_one():
    assert one(COSINE, "groups", 5).recipe.bases == (1.0, 0.1)
    assert one({**COSINE, "base_lr": [3, 4, 5]}, "groups", 5).recipe.bases == (3, 4, 5)


def test_a_resume_happens_at_zero_and_around_each_landmark_in_every_order():
    steps = STEPS
    assert names(steps, "resume_state", 9) == [
        f"resume_state@{k}:{order}"
        for order in ("right", "scheduler-only", "built-late")
        for k in (6, 7, 8, 0)
    ]
    scenario = one(steps, "resume_state", 9)
    assert [verb for verb, _ in scenario.actions] == ["updates", "resume", "updates"]
    assert scenario.t.tolist() == [*range(18)]
    assert [d.id.misuse for d in expand(recipe(**steps), "resume_state", 9)] == [
        *[False] * 4,
        *[True] * 8,
    ]


STEPS = {"schedule": "step", "step_size": 7, "gamma": 0.5}


def test_a_resume_by_index_tries_the_right_index_and_the_one_that_people_give():
    scenarios = expand(recipe(**STEPS), "resume_index", 9)
    assert {(scenario.id.variant, scenario.index) for scenario in scenarios} == {
        ("continues", 0),
        ("k", 1),
    }
    first, last = scenarios[0], scenarios[-2]
    assert with_index(first, lambda k: k - 1).actions[1] == ("resume_index", 5)
    assert with_index(last, lambda k: k - 1).actions[1] == ("resume_index", 8)


def test_a_rate_is_changed_before_a_landmark_at_it_and_at_zero():
    line = {"schedule": "linear", "start_factor": 1.0, "end_factor": 0.0, "total_iters": 8}
    assert names(line, "changed", 12) == [
        f"changed@{k}:{how}" for k in (4, 8, 0) for how in ("halved", "set")
    ]


def test_a_second_scheduler_begins_at_its_own_step_zero():
    after_the_first, in_turn = expand(recipe(**STEPS), "rebuilt", 9)
    assert (after_the_first.actions[1], in_turn.actions[1]) == (("rebuild", None), ("use", 1))
    assert after_the_first.t.tolist() == in_turn.t.tolist() == [0, 1, 2, *range(9)]
    assert in_turn.others == (recipe(**STEPS),)


def test_only_a_schedule_that_reads_metrics_is_given_them():
    plateau = {"schedule": "reduce_on_plateau", "patience": 2, "metrics": [3.0, None, 1.0]}
    assert names(plateau, "stepwise") == names(plateau, "jump") == names(plateau, "long") == []
    scenario = one(plateau, "metrics", 5)
    assert (str(scenario.id), scenario.stepwise) == ("metrics@5", True)
    assert [str(metric) for metric in scenario.actions[0][1]] == ["3.0", "nan", "1.0", "1.0", "1.0"]
    assert names(COSINE, "metrics") == []


@pytest.mark.parametrize("document", [{"schedule": "exponential", "gamma": 0.9}, COSINE, STEPS])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_has_an_action_for_every_update(name, document):
    for scenario in expand(recipe(**document), name, 20):
        plain = ("updates", "read", "get_lr")
        counted = sum(number for verb, number in scenario.actions if verb in plain)
        counted += sum(-(-run[0] // run[1]) for verb, run in scenario.actions if verb == "steps")
        assert counted == len(scenario.t) == sum(action.rates for action in scenario.actions)
        assert scenario.id.name == name


def test_every_scenario_and_every_variant_is_declared_in_words():
    assert set(declared()) == set(SCENARIOS)
    for name, declaration in declared().items():
        by_name = [f"{name}:{variant}" for variant in declaration.asked]
        document = PLATEAU if name == "metrics" else RESTARTS
        scenarios = [d for one in (name, *by_name) for d in expand(recipe(**document), one, 20)]
        assert {d.id.variant for d in scenarios} - {""} == set(declaration.variants)


RESTARTS = {"schedule": "cosine_warm_restarts", "T_0": 5}
PLATEAU = {"schedule": "reduce_on_plateau", "patience": 2}


def test_a_limit_of_cycles_that_no_run_reaches_is_not_computed():
    endless = {"schedule": "cosine_warm_restarts", "T_0": 1, "T_mult": 7, "restart_limit": 2**53}
    assert span(recipe(**endless)) > 2**53
    assert horizons(recipe(**endless)) == (20_000, 20_000)


def test_a_disturbed_run_updates_up_to_the_disturbance_however_late_it_comes():
    """A scheduler is stepped alone only where nothing else follows: applied rates are in order."""
    long = {"schedule": "step", "step_size": 300}
    for name in ("resume_state", "resume_index", "changed", "rebuilt", "jump", "late_group"):
        for scenario in expand(recipe(**long), name, 700):
            assert "steps" not in [verb for verb, _ in scenario.actions], str(scenario.id)
    assert one(long, "stepwise", 700).actions == (("updates", 100), ("steps", (600, 1)))
