"""What comes back of what was posted, and what it means when something does not."""

import pytest

from bot.echoes import ECHO_SECONDS, ECHO_SECONDS_OF_MANY, FORGOTTEN, MOST, Echoes

CHANNEL = "C0ALERTS"


class Machine:
    """A monotonic clock that stands until it is moved, and the echoes by it."""

    def __init__(self, *, known: bool = True) -> None:
        self.seconds = 1_000.0
        self.echoes = Echoes(lambda: self.seconds)
        if known:
            self.echoes.heard(CHANNEL, "0000000001.000000")

    def post(self, ts: str, channel: str = CHANNEL) -> float:
        """A message goes out; when that was."""
        self.echoes.posted(channel, ts)
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_what_comes_back_is_missed_by_nobody(machine: Machine) -> None:
    machine.post("2.0")
    machine.echoes.heard(CHANNEL, "2.0")
    machine.seconds += ECHO_SECONDS + 1

    assert (machine.echoes.missed(), machine.echoes.silent()) == (0, 0)


def test_an_echo_may_be_quicker_than_the_answer_to_its_post(machine: Machine) -> None:
    machine.echoes.heard(CHANNEL, "2.0")
    machine.post("2.0")
    machine.seconds += ECHO_SECONDS + 1

    assert machine.echoes.missed() == 0


def test_what_does_not_come_back_is_missed_from_its_time_on(machine: Machine) -> None:
    posted = machine.post("2.0")
    machine.seconds += ECHO_SECONDS - 1
    assert machine.echoes.missed() == 0
    machine.seconds += 2

    assert machine.echoes.missed() == posted
    assert machine.echoes.silent() == ECHO_SECONDS + 1


def test_what_came_only_when_slack_sent_it_again_was_swallowed_where_it_went_first(machine: Machine) -> None:
    posted = machine.post("2.0")
    machine.seconds += 3
    machine.echoes.heard(CHANNEL, "2.0", again=True)

    assert machine.echoes.missed() == posted
    assert machine.echoes.silent() == 0


def test_a_newer_echo_ends_the_silence_and_leaves_the_doubt_about_where_the_older_one_went(
    machine: Machine,
) -> None:
    posted = machine.post("2.0")
    machine.seconds += 1
    machine.post("3.0")
    machine.echoes.heard(CHANNEL, "3.0")
    machine.seconds += ECHO_SECONDS

    assert machine.echoes.missed() == posted
    assert machine.echoes.silent() == 0
    machine.seconds += FORGOTTEN
    machine.echoes.heard(CHANNEL, "4.0")
    assert machine.echoes.missed() == 0


def test_what_comes_over_a_newer_connection_ends_the_silence(machine: Machine) -> None:
    machine.post("2.0")
    machine.seconds += ECHO_SECONDS + 1
    machine.echoes.proven(machine.seconds - 2 * ECHO_SECONDS)
    assert machine.echoes.silent() > 0, "it stood before the post"

    machine.echoes.proven(machine.seconds)

    assert (machine.echoes.missed(), machine.echoes.silent()) == (0, 0)


def test_an_app_that_never_heard_itself_misses_nothing() -> None:
    """It was made from an older manifest."""
    machine = Machine(known=False)
    machine.post("2.0")
    machine.seconds += 3600

    assert (machine.echoes.missed(), machine.echoes.silent()) == (0, 0)


def test_another_process_may_have_heard_it(machine: Machine) -> None:
    machine.echoes.told("1.5")
    posted = machine.post("2.0")
    machine.seconds += ECHO_SECONDS_OF_MANY - 1
    assert machine.echoes.missed() == 0, "they tell each other every few seconds"

    machine.seconds += 2
    assert machine.echoes.missed() == posted
    machine.echoes.told("2.0")
    assert (machine.echoes.missed(), machine.echoes.silent()) == (0, 0)


def test_direct_messages_are_not_waited_for_and_memory_is_bounded(machine: Machine) -> None:
    machine.post("2.0", channel="D0SOMEBODY")
    machine.seconds += ECHO_SECONDS + 1
    assert machine.echoes.missed() == 0

    for number in range(10, 10 + 3 * MOST):
        machine.post(f"{number:010}.0")
    assert len(machine.echoes._waiting) == MOST
