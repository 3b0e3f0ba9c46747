"""Follow the actions of a request in a worker's session, and record the rates.

Runs in a framework's own interpreter: standard library only, Python 3.8 syntax.

A request's actions are pairs of a verb and its argument, `["updates", 5]`; the verbs are listed in
`src/lrspec/scenario/actions.py`. Those that advance a scheduler are methods of `Run`, below; any
other is the session's method of that name, called with the argument, without one where it is null.

A `worker.py` offers `VERSION`, `MODULES` (where the framework exports its schedulers), `SLOTS`, and
`Session(mode, source, base_lr)`, a live optimizer and the scheduler that the source builds on it:

    also(source)      builds another scheduler on the same optimizer
    rates()           the reported rates, one a group, or None where the mode reports none
    momentum()        the momentum, one a group, or None where no scheduler moves it
    readers()         how the scheduler may be asked for its rate: functions without arguments
    get_lr()          what the scheduler's get_lr() returns, one rate a group
    update(k)         does one optimizer update, its applied rate kept in slot k of `SLOTS`
    step(), step(x)   `scheduler.step()`, `scheduler.step(x)`, x being an index or a metric
    applied(n)        the rates kept in the slots 0 … n - 1, one list a group; clears them

and, as far as the mode can do it:

    resume(order)     saves the states, rebuilds everything and loads them: "right" builds the
                      scheduler and loads its state and the optimizer's, "scheduler-only" leaves the
                      optimizer's out, "built-late" builds the scheduler after loading it
    resume_index(i)   builds the scheduler with the index i on a new optimizer, whose groups have
                      the options of the old one's
    set(x)            the current rate of every group becomes x, from outside
    multiply(x)       the current rate of every group is multiplied by x
    rebuild()         builds a second scheduler from the same source, on the used optimizer
    add_group(lr)     adds a parameter group with its own rate
    use(j)            from now on the j-th scheduler is stepped: 0 is the source's, which begins
"""

import re
from contextlib import suppress
from itertools import repeat
from math import isfinite
from types import ModuleType
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple


def classes(modules: Iterable[ModuleType]) -> List[str]:
    """Return the public names of the scheduler classes of *modules*: the classes with a `step`."""
    found = set()
    for module in modules:
        public = [name for name in vars(module) if not name.startswith("_")]
        for name in getattr(module, "__all__", public):
            item = getattr(module, name)
            if isinstance(item, type) and hasattr(item, "step"):
                found.add(name)
    return sorted(found)


def first_line(error: BaseException) -> str:
    """Return an exception as its type and the first line of its message, without its colours."""
    lines = re.sub("\x1b\\[[0-9;]*m", "", str(error)).strip().splitlines()
    return "{}: {}".format(type(error).__name__, lines[0] if lines else "").rstrip(": ")


class Run:
    """A session that follows a list of actions, with the rates that are recorded on the way."""

    def __init__(self, session: Any, slots: int) -> None:
        self.session = session
        self.slots = slots
        self.reported: List[Any] = []
        self.momenta: List[Any] = []
        self.applied: List[Any] = []
        self.kept = 0
        self.error: Optional[str] = None

    def follow(self, actions: List[Tuple[str, Any]]) -> None:
        """Follow *actions* to their end or to the first exception, which ends the trace."""
        following = [(self.follower(verb), argument) for verb, argument in actions]
        try:
            for follow, argument in following:
                follow(argument)
        except Exception as error:
            self.failed(error)
        self.collect()

    def failed(self, error: Exception) -> None:
        """Keep the exception that ended the run."""
        self.error = first_line(error)

    def follower(self, verb: str) -> Callable[[Any], None]:
        """Return the function that does *verb* with its argument."""
        if verb in ("updates", "metrics", "steps", "read", "get_lr", "together", "jump"):
            return getattr(self, verb)  # type: ignore[no-any-return]
        method = getattr(self.session, verb)

        def follow(argument: Any) -> None:
            self.collect()  # the weights that hold the applied rates may not outlive it
            method(*([] if argument is None else [argument]))

        return follow

    def updates(self, count: int) -> None:
        """Do *count* updates, each followed by a step of the scheduler."""
        self.advance(repeat((), count))

    def metrics(self, metrics: List[Optional[float]]) -> None:
        """Do an update for each of *metrics*, followed by a step of the scheduler with it."""
        self.advance((float("nan") if metric is None else metric,) for metric in metrics)

    def steps(self, run: Tuple[int, int]) -> None:
        """Step the scheduler *count* times without updates; record every *stride*-th rate."""
        rates, momentum, step = self.session.rates, self.session.momentum, self.session.step
        moved = momentum() is not None
        count, stride = run
        for start in range(0, count, stride):
            self.reported.append(rates())
            if moved:
                self.momenta.append(momentum())
            for _ in range(min(stride, count - start)):
                step()

    def read(self, count: int) -> None:
        """Do *count* updates, each after the rate was read in every way, twice."""
        for _ in range(count):
            for reader in self.session.readers() * 2:
                with suppress(NotImplementedError):  # a composition has no rate of its own
                    reader()
            self.updates(1)

    def get_lr(self, count: int) -> None:
        """Step the scheduler *count* times without updates; record what `get_lr()` returns."""
        moved = self.session.momentum() is not None
        for _ in range(count):
            self.reported.append(self.session.get_lr())
            if moved:
                self.momenta.append(self.session.momentum())
            self.session.step()

    def together(self, run: Tuple[int, int]) -> None:
        """Do *count* updates, each followed by a step of each of the first *schedulers*."""
        count, schedulers = run

        def step_each() -> None:
            for index in range(schedulers):
                self.session.use(index)
                self.session.step()

        self.advance(repeat((), count), step_each)

    def jump(self, t: float) -> None:
        """Step the scheduler to *t*."""
        self.session.step(t)

    def advance(
        self, arguments: Iterable[Tuple[Any, ...]], step: Optional[Callable[..., None]] = None
    ) -> None:
        """Record the rates, do an update and step the scheduler, with each of *arguments*.

        *step* is called in place of the scheduler's own.
        """
        session, slots, reported, momenta = self.session, self.slots, self.reported, self.momenta
        rates, momentum, update = session.rates, session.momentum, session.update
        step = step or session.step
        moved = momentum() is not None  # for as long as the scheduler is the same
        for argument in arguments:
            row = rates()
            if moved:
                momenta.append(momentum())
            update(self.kept)
            self.kept += 1
            if self.kept == slots:
                self.collect()
            reported.append(row)
            step(*argument)

    def collect(self) -> None:
        """Read the applied rates of the updates since the last time."""
        if self.kept:
            self.applied.extend(zip(*self.session.applied(self.kept)))
            self.kept = 0


def numbers(rows: List[Any]) -> Optional[List[List[Any]]]:
    """Return rows of numbers as JSON has them, None where nothing was recorded."""
    if not rows or rows[0] is None:
        return None
    return [[in_json(float(number)) for number in row] for row in rows]


def in_json(number: float) -> Any:
    """Return *number*; "nan", "inf" or "-inf" where JSON has no number for it."""
    return number if isfinite(number) else str(number)


def answer(worker: ModuleType, mode: str, request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the answer to a request: the recorded rates, or the reason why there are none."""
    try:
        session = worker.Session(mode, request["source"], request["base_lr"])
        for source in request.get("others", ()):
            session.also(source)
    except Exception as error:
        return {"status": "rejected", "reason": first_line(error)}
    run = Run(session, worker.SLOTS)
    try:
        run.follow(request["actions"])
        return {
            "status": "trace",
            "reported": numbers(run.reported),
            "applied": numbers(run.applied),
            "momentum": numbers(run.momenta),
            "error": run.error,
        }
    except Exception as error:  # what the scheduler raises ends the trace; this is the worker's own
        return {"status": "errored", "reason": first_line(error)}
