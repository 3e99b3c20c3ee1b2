"""Who waits for an answer waits for so long: what could not be over by then is not begun."""

import math
import threading
import time

import pytest

from chalicelib.time_budget import seconds_left, within


def test_where_nobody_waits_there_is_time_without_end() -> None:
    assert seconds_left() == math.inf


def test_a_budget_is_used_up_by_the_time_that_passes_and_ends_with_its_block() -> None:
    with within(60):
        first = seconds_left()
        time.sleep(0.01)
        assert 59 < seconds_left() < first <= 60
    assert seconds_left() == math.inf


def test_a_budget_within_another_is_never_longer_than_that() -> None:
    with within(1):
        with within(60):
            assert seconds_left() <= 1
        with within(0.5):
            assert seconds_left() <= 0.5
        assert 0.5 < seconds_left() <= 1


def test_a_budget_of_all_but_a_second_is_none_where_nobody_waits() -> None:
    with within(seconds_left() - 1):
        assert seconds_left() == math.inf


def test_a_budget_ends_with_whatever_breaks_it_off() -> None:
    with pytest.raises(KeyError), within(1):
        raise KeyError
    assert seconds_left() == math.inf


def test_another_thread_has_a_budget_of_its_own() -> None:
    seen = []
    with within(1):
        thread = threading.Thread(target=lambda: seen.append(seconds_left()))
        thread.start()
        thread.join()
    assert seen == [math.inf]
