"""Many items are divided among processes; their order and their errors stay."""

from __future__ import annotations

import os
import sys

import pytest

from lrspec.errors import BadInput
from lrspec.suite.parallel import mapped

MANY = range(2500)


def test_the_order_is_kept() -> None:
    assert mapped(lambda n: n * n, MANY) == [n * n for n in MANY]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")
def test_many_items_leave_this_process_and_few_do_not() -> None:
    assert os.getpid() not in mapped(lambda _: os.getpid(), MANY)
    assert mapped(lambda _: os.getpid(), range(5)) == [os.getpid()] * 5


def test_an_error_is_raised_as_it_is() -> None:
    def fail(n: int) -> int:
        if n == 2001:
            raise BadInput("$.a", n, "another number", "file.json")
        return n

    with pytest.raises(BadInput, match=r"file\.json: \$\.a: found 2001, expected another number"):
        mapped(fail, MANY)
