"""Past a bound the next one is refused at once; the bound follows how many are answered."""

import contextlib

import pytest

from sghss_graphql.machinery.faults import Unavailable
from sghss_graphql.machinery.web import crowd as crowds
from sghss_graphql.machinery.web.crowd import Crowd


def _fill(crowd: Crowd, most: int = 1_000) -> int:
    """Let others in until one is refused; how many came in."""
    for number in range(most):
        try:
            crowd.enter(number)
        except Unavailable:
            return number
    return most


def test_no_more_than_the_bound_come_in_and_of_one_asker_half() -> None:
    crowd = Crowd(40)
    for _ in range(20):
        crowd.enter("um")
    with pytest.raises(Unavailable):
        crowd.enter("um")
    for _ in range(20):
        crowd.enter("outro")
    with pytest.raises(Unavailable):
        crowd.enter("outro")
    assert _fill(crowd) == 10, "of those who have nothing in it, a quarter more"
    assert (crowd.count, crowd.refused) == (50, 3)
    for _ in range(11):
        crowd.leave("outro")
    crowd.leave("um")
    crowd.enter("outro")


def test_a_place_is_given_back_whatever_happens_in_it() -> None:
    crowd = Crowd(2)
    with pytest.raises(ZeroDivisionError), crowd.one("um"):
        raise ZeroDivisionError
    assert crowd.count == 0


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(crowds, "time", clock)
    return clock


@pytest.mark.parametrize(("a_second", "bound"), [(100_000, 200), (400, 100), (100, 25), (0, 16)])
def test_no_more_of_one_are_in_than_are_answered_soon(clock: _Clock, a_second: int, bound: int) -> None:
    """Ten milliseconds after the other so many are answered, and as many wait to come in as there is room for."""
    crowd, inside = Crowd(400), 0
    for step in range(300):
        clock.now += 0.01
        for _ in range(min(inside, (step + 1) * a_second // 100 - step * a_second // 100)):
            crowd.leave("um")
            inside -= 1
        with contextlib.suppress(Unavailable):
            while True:
                crowd.enter("um")
                inside += 1
    assert inside == pytest.approx(bound, abs=5) or (a_second == 0 and inside == 200)  # nobody leaves


def test_whoever_asks_for_little_is_let_in_beside_one_who_asks_for_too_much(clock: _Clock) -> None:
    """A hundred of one caller's take long: they come in no more, and each of the others does."""
    crowd = Crowd(200)
    for _ in range(100):
        crowd.enter("muito")
    for second in range(20):  # three are answered in each
        for _ in range(3):
            crowd.leave("muito")
        clock.now += 1
        with crowd.one(f"pouco {second}"):
            pass
        with pytest.raises(Unavailable):
            crowd.enter("muito")
    assert crowd.count == 40


def test_a_crowd_that_was_none_for_a_while_is_judged_anew(clock: _Clock) -> None:
    crowd = Crowd(200)
    for number in range(16):
        crowd.enter(number)
    clock.now += 1
    crowd.enter(0)
    clock.now += 1  # nobody was answered in all this time
    with pytest.raises(Unavailable):
        crowd.enter(0)
    for number in (*range(16), 0):
        crowd.leave(number)
    clock.now += 0.1
    for number in range(16):
        crowd.enter(number)
    with pytest.raises(Unavailable):
        crowd.enter(0)
    for number in range(16):
        crowd.leave(number)
    clock.now += 1
    assert _fill(crowd) == 250


def test_a_bound_of_none_refuses_nobody() -> None:
    crowd = Crowd(0)
    for _ in range(1_000):
        crowd.enter("one")
    assert (crowd.count, crowd.refused) == (1_000, 0)
