"""Perform the actions of a request in a worker's session, and record the rates.

Runs in a framework's interpreter: standard library only, Python 3.8 syntax.

An action is a pair of a verb and its argument, `["updates", 5]`; `src/lrspec/scenario/actions.py`
lists the verbs. Those that advance the scheduler are methods of `Run`; any other is the session's
method of that name, called with the argument, or without one if it is null.

A `worker.py` provides `VERSION`, `MODULES` (where the framework exports its schedulers), `SLOTS`,
and `Session(mode, source, base_lr)`: a live optimizer, and the scheduler that the source builds.
Several frameworks share the methods in `optimized.py`.

    also(source)      builds another scheduler on the same optimizer
    rates()           the reported rates, one per group; None if the mode reports none
    momentum()        the momentum, one per group; None if no scheduler changes it
    readers()         the functions without arguments that read the scheduler's rate
    get_lr()          the result of the scheduler's get_lr(), one rate per group
    update(k)         does an optimizer update, and stores its applied rates in slot k of `SLOTS`
    step(), step(x)   `scheduler.step()`, `scheduler.step(x)` with an index or a metric x
    applied(n)        the rates in the slots 0 … n - 1, one list per group; clears them

and, as far as the mode supports it:

    logged()          the result of get_last_lr(), one rate per group; None if there is none
    state()           the saved states of the schedulers, in the order in which they were built
    resume(order)     saves the states, rebuilds everything and loads them: "right" builds the
                      scheduler and loads its state and the optimizer's, "scheduler-only" omits the
                      optimizer's, "built-late" builds the scheduler after loading the optimizer's
    resume_index(i)   builds the scheduler with the index i on a new optimizer whose groups have the
                      options of the old one's
    set(x)            sets the current rate of every group to x, from outside
    multiply(x)       multiplies the current rate of every group by x
    rebuild()         builds a second scheduler from the same source on the used optimizer
    add_group(lr)     adds a parameter group with its own rate
    use(j)            steps the j-th scheduler from now on; scheduler 0 is the source's
"""

import re
from contextlib import suppress
from itertools import repeat
from math import isfinite
from types import ModuleType
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

LONGEST_LINE = 10000  # characters of an error


def classes(modules: Iterable[ModuleType]) -> List[str]:
    """Return the names of the scheduler classes of *modules*: the public ones with a `step`."""
    found = set()
    for module in modules:
        public = [name for name in vars(module) if not name.startswith("_")]
        for name in getattr(module, "__all__", public):
            item = getattr(module, name)
            if isinstance(item, type) and hasattr(item, "step"):
                found.add(name)
    return sorted(found)


def first_line(error: BaseException) -> str:
    """Return the type of *error* and the first line of its message, without control characters."""
    lines = re.sub("\x1b\\[[0-9;]*m", "", str(error)).strip().splitlines()
    text = "{}: {}".format(type(error).__name__, lines[0] if lines else "").rstrip(": ")
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST_LINE])


class Run:
    """A session that performs a list of actions, and the rates that are recorded."""

    def __init__(self, session: Any, slots: int) -> None:
        self.session = session
        self.slots = slots
        self.reported: List[Any] = []
        self.momenta: List[Any] = []
        self.logged: List[Any] = []
        self.last_lr = getattr(session, "logged", lambda: None)
        self.applied: List[Any] = []
        self.used = 0  # slots
        self.error: Optional[str] = None
        self.state: Any = None

    def follow(self, actions: List[Tuple[str, Any]]) -> None:
        """Perform *actions* to their end or to the first exception, which ends the trace."""
        calls = [(self.function(verb), argument) for verb, argument in actions]
        try:
            for call, argument in calls:
                call(argument)
        except Exception as error:
            self.failed(error)
        self.collect()
        self.state = plain(getattr(self.session, "state", lambda: None)())

    def failed(self, error: Exception) -> None:
        """Keep the exception that ended the run."""
        self.error = first_line(error)

    def function(self, verb: str) -> Callable[[Any], None]:
        """Return the function that performs *verb* with its argument."""
        if verb in ("updates", "metrics", "steps", "read", "get_lr", "together", "jump"):
            return getattr(self, verb)  # type: ignore[no-any-return]
        method = getattr(self.session, verb)

        def call(argument: Any) -> None:
            self.collect()  # the method may replace the weights that hold the applied rates
            method(*([] if argument is None else [argument]))

        return call

    def updates(self, count: int) -> None:
        """Do *count* updates, each followed by a step of the scheduler."""
        self.advance(repeat((), count), self.session.step)

    def metrics(self, metrics: List[Optional[float]]) -> None:
        """Do an update for each of *metrics*, followed by a step of the scheduler with it."""
        given = ((float("nan") if metric is None else metric,) for metric in metrics)
        self.advance(given, self.session.step)

    def steps(self, run: Tuple[int, int]) -> None:
        """Step the scheduler *count* times without updates; record every *stride*-th rate."""
        count, stride = run
        step = self.session.step
        for start in range(0, count, stride):
            self.record(self.session.rates(), self.session.momentum())
            for _ in range(min(stride, count - start)):
                step()

    def read(self, count: int) -> None:
        """Do *count* updates, before each of which every reader is called twice."""
        for _ in range(count):
            for reader in self.session.readers() * 2:
                with suppress(NotImplementedError):  # a composition has no rate of its own
                    reader()
            self.updates(1)

    def get_lr(self, count: int) -> None:
        """Step the scheduler *count* times without updates; record the results of `get_lr()`."""
        for _ in range(count):
            self.record(self.session.get_lr(), self.session.momentum())
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

    def advance(self, arguments: Iterable[Tuple[Any, ...]], step: Callable[..., None]) -> None:
        """Record the rates, do an update and call *step*, with each of *arguments*."""
        session = self.session
        for argument in arguments:
            rates, momentum = session.rates(), session.momentum()
            session.update(self.used)
            self.used += 1
            if self.used == self.slots:
                self.collect()
            self.record(rates, momentum)
            step(*argument)

    def record(self, rates: Any, momentum: Any) -> None:
        """Add *rates*, and *momentum* unless it is None, to what is reported."""
        self.reported.append(rates)
        if momentum is not None:
            self.momenta.append(momentum)
        last_lr = self.last_lr()
        if last_lr is not None:
            self.logged.append(last_lr)

    def collect(self) -> None:
        """Take the applied rates out of the slots."""
        if self.used:
            self.applied.extend(zip(*self.session.applied(self.used)))
            self.used = 0


def numbers(rows: List[Any]) -> Optional[List[List[Any]]]:
    """Return *rows* with "nan", "inf" or "-inf" for other than finite numbers, None for no rows."""
    if not rows or rows[0] is None:
        return None
    floats = [[float(number) for number in row] for row in rows]
    return [[number if isfinite(number) else str(number) for number in row] for row in floats]


def plain(value: Any) -> Any:
    """Return *value* as JSON has it, with the name of its type for what JSON does not have."""
    if isinstance(value, dict):
        return {str(name): plain(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return type(value).__name__
    return number if isfinite(number) else str(number)


def answer(worker: ModuleType, mode: str, request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the recorded rates of a request, or the reason why there are none."""
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
            "logged": numbers(run.logged),
            "state": run.state,
            "error": run.error,
        }
    except Exception as error:  # the worker's own: one of the scheduler's ends the trace
        return {"status": "errored", "reason": first_line(error)}
