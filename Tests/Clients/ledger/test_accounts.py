"""The comparisons of `accounts.py` themselves: a story in which all is well, and what each of them says when
one thing in it is not."""

import dataclasses

import accounts
import pytest
from accounts import Event

ROUNDS = {"a": [0.0, 8.6, 9.1, 9.6], "b": [0.0, 9.2, 9.7, 30.0]}


def turn(who, number, line, at, knows, bill):
    return [
        Event(at, "asks", who, number),
        Event(at + 0.1, "begun", who, number, line),
        Event(at + 0.2, "has asked", who, number),
        Event(at + 0.2, "asked", who, number, line, frozenset(knows)),
        Event(at + 0.3, "calls", who, number, line, f"call-{number}"),
        Event(at + 0.4, "runs", who, number, 0, f"call-{number}"),
        Event(at + 0.5, "answered", who, 0, line, f"call-{number}"),
        Event(at + 0.9, "bills", who, number, line, bill),
        Event(at + 1, "hears", who, number, 0, [f"{who}:{number}"]),
    ]


def dial(who, line, at, has_handle):
    return [
        Event(at, "dials", who, value=has_handle),
        Event(at + 0.05, "let in", who),
        Event(at + 0.1, "set up", who, 0, line, has_handle),
        Event(at + 0.2, "up", who, value=has_handle),
        Event(at + 0.2, "at", who, value=f"session-{line}"),
    ]


def story():
    """Two turns, and one in whose middle a node is killed; it is asked again elsewhere, and answered."""
    return [
        *dial("r1", 1, 1, False),
        *turn("r1", 1, 1, 2, [], 101),
        *turn("r1", 2, 1, 8.7, [1], 102),
        Event(9.8, "asks", "r1", 3),
        Event(9.9, "begun", "r1", 3, 1),
        Event(9.95, "asked", "r1", 3, 1, frozenset({1, 2})),
        Event(10, "kills", "a"),
        Event(10.1, "left", "r1", 0, 1, 1006),
        Event(10.1, "closed", "r1", 3, 0, 1006),
        *dial("r1", 2, 10.2, True),
        *turn("r1", 3, 2, 11, [1, 2], 103),
        Event(13, "left", "r1", 0, 2, 1000),
        Event(13, "leaves", "r1"),
    ]


BOOKS = [101, 102, 103]


def changed(events, what, turn, **fields):
    """The last one of these."""
    at = max(at for at, event in enumerate(events) if (event.what, event.turn) == (what, turn))
    return [*events[:at], dataclasses.replace(events[at], **fields), *events[at + 1 :]]


def test_where_all_is_well_nothing_is_said():
    events = story()
    for check in (accounts.misheard, accounts.doubled, accounts.driven_twice, accounts.still_away):
        assert check(events) == [], check
    assert accounts.forgotten(events, ROUNDS) == []
    assert accounts.missing_from_books(events, BOOKS, ROUNDS) == []
    assert accounts.too_much_in_books(events, BOOKS) == []
    (back,) = accounts.redials(events)
    assert (back.dials, back.has_handle, round(back.seconds, 3)) == (1, True, 0.3)
    assert [round(seconds, 3) for seconds in accounts.seconds_of_turns(events)] == [0.8] * 3
    assert [round(seconds, 3) for seconds in accounts.seconds_let_in(events)] == [0.15]


def test_what_a_killed_node_may_forget_is_its_last_second():
    for knows, turns, excused in (
        # Heard 0.3 s before the kill.
        ([1], [2], [True]),
        # And 7 s.
        ([2], [1], [False]),
        ([], [1, 2], [False, True]),
    ):
        losses = accounts.forgotten(changed(story(), "asked", 3, value=frozenset(knows)), ROUNDS)
        assert ([loss.turn for loss in losses], [loss.is_excused for loss in losses]) == (turns, excused)
    # Longer where its rounds in the database were late, too; another node's do not count.
    knows_nothing = changed(story(), "asked", 3, value=frozenset())
    late = {"a": [2.9, 9.6], "b": ROUNDS["b"]}
    assert [loss.is_excused for loss in accounts.forgotten(knows_nothing, late)] == [True, True]
    other = {"a": ROUNDS["a"], "b": [2.9, 9.6]}
    assert [loss.is_excused for loss in accounts.forgotten(knows_nothing, other)] == [False, True]


def test_what_is_forgotten_without_a_killed_node_has_no_excuse():
    knows_nothing = changed(story(), "asked", 3, value=frozenset())
    events = [event for event in knows_nothing if event.what != "kills"]
    assert [loss.is_excused for loss in accounts.forgotten(events, ROUNDS)] == [False, False]
    # Nor what gemini knew after the kill, and forgot later.
    more = [*story(), *turn("r1", 4, 2, 14, [1, 3], 104)]
    assert [(loss.turn, loss.is_excused) for loss in accounts.forgotten(more, ROUNDS)] == [(2, False)]


def test_books_may_lack_the_last_second_of_a_killed_node():
    for books, excused in (
        # The last of its connection, 0.4 s before the kill.
        ([101, 103], [True]),
        # An older one; one that is not the last; one that nobody was killed with.
        ([103], [False, True]),
        ([102, 103], [False]),
        ([101, 102], [False]),
        ([], [False, True, False]),
    ):
        losses = accounts.missing_from_books(story(), books, ROUNDS)
        assert [loss.is_excused for loss in losses] == excused, books
    assert [loss.is_excused for loss in accounts.missing_from_books(story(), [101, 103])] == [True]
    # Nobody noticed that the node was killed, or its connection to gemini ended in good order.
    for what, turn in (("closed", 3), ("left", 0)):
        at = next(at for at, event in enumerate(story()) if (event.what, event.turn) == (what, turn))
        events = [*story()[:at], dataclasses.replace(story()[at], value=1000), *story()[at + 1 :]]
        assert [loss.is_excused for loss in accounts.missing_from_books(events, [101, 103])] == [False], what
    nobody_killed = [event for event in story() if event.what != "kills"]
    assert [loss.is_excused for loss in accounts.missing_from_books(nobody_killed, [101, 103])] == [False]


def test_the_sessions_of_what_is_missing():
    losses = accounts.missing_from_books(story(), [101, 103], ROUNDS)
    assert accounts.sessions_of(story(), {loss.bill for loss in losses}) == {"session-1"}
    assert accounts.sessions_of(story(), {103}) == {"session-2"}
    assert accounts.sessions_of(story(), set()) == set()


def test_what_question_and_answer_take_on_their_way():
    def times(*bounds):
        return [round(seconds, 3) for seconds in accounts.seconds_on_the_way(story(), *bounds)]

    assert times() == [0.1] * 3
    # Of a turn that begins or ends elsewhere nothing is said.
    assert times(8.95, 12) == [0.1] and times(0, 9.65) == [0.1] and times(3.1, 9.65) == []
    # Gemini is asked late, and heard late.
    late = changed(story(), "asked", 2, at=9.4)
    assert [round(seconds, 3) for seconds in accounts.seconds_on_the_way(late)] == [0.1, 0.6, 0.1]
    late = changed(story(), "hears", 2, at=9.8)
    assert [round(seconds, 3) for seconds in accounts.seconds_on_the_way(late)] == [0.1, 0.2, 0.1]


@pytest.mark.parametrize("books", [[*BOOKS, 103], [*BOOKS, 104]])
def test_books_with_a_row_too_many(books):
    assert accounts.too_much_in_books(story(), books) == [books[-1]]


@pytest.mark.parametrize("what", ["hears", "asked", "runs", "calls"])
def test_a_turn_that_is_done_twice(what):
    events = story()
    again = [event for event in events if (event.what, event.turn) == (what, 2)]
    assert accounts.doubled(events + again) == [(what, "r1", 2, 2)]
    # What the client has asked twice may be done twice, but not three times.
    if what != "hears":
        asked = [event for event in events if (event.what, event.turn) == ("asks", 2)]
        assert accounts.doubled(events + asked + again) == []
        assert accounts.doubled(events + asked + again + again) == [(what, "r1", 2, 3)]


def test_an_answer_to_something_else():
    for value in ([], ["r1:1"], ["r1:1", "r1:2"], ["r2:2"]):
        assert len(accounts.misheard(changed(story(), "hears", 2, value=value))) == 1
    for what in ("illegal", "strays"):
        assert len(accounts.misheard([*story(), Event(20, what, "r1")])) == 1


def test_an_old_connection_that_is_told_something():
    for what in ("begun", "asked", "answered"):
        assert len(accounts.driven_twice([*story(), Event(20, what, "r1", 3, 1)])) == 1


def test_a_client_that_does_not_come_back():
    events = story()
    closed, heard = (
        max(at for at, event in enumerate(events) if event.what == what) for what in ("closed", "hears")
    )
    for end in range(closed + 1, heard + 1):
        assert [event.who for event in accounts.still_away(events[:end])] == ["r1"], end
    assert accounts.still_away(events[: heard + 1]) == []


def test_a_connection_that_breaks_at_a_node_that_lives():
    nodes = {"session-1": "a", "session-2": "b"}
    assert accounts.closed_elsewhere(story(), nodes) == []
    assert len(accounts.closed_elsewhere(story(), nodes | {"session-1": "b"})) == 1
    assert len(accounts.closed_elsewhere(changed(story(), "closed", 3, value=1001), nodes)) == 1
    assert len(accounts.closed_elsewhere([*story(), Event(20, "closed", "r1", 3, 0, 1006)], nodes)) == 1


def test_a_redial_that_fails_first_or_has_no_handle():
    events = story()
    at = max(at for at, event in enumerate(events) if event.what == "dials")
    refused = [events[at], Event(10.25, "refused", "r1", value="503")]
    events_then = events[:at] + refused + events[at:]
    (back,) = accounts.redials(events_then)
    assert back.dials == 2 and accounts.refused(events_then) == refused[1:]
    # But for one that was under way when the next node was killed.
    killed = events[:at] + [refused[0], Event(10.22, "kills", "b"), refused[1]] + events[at:]
    (back,) = accounts.redials(killed)
    assert back.dials == 1 and accounts.refused(killed) == []
    at = max(at for at, event in enumerate(events) if event.what == "up")
    (back,) = accounts.redials([*events[:at], dataclasses.replace(events[at], value=False), *events[at + 1 :]])
    assert not back.has_handle


def test_who_is_sent_away_in_a_turn():
    begun = [*dial("r1", 1, 1, False), *turn("r1", 1, 1, 2, [], 101), Event(4, "asks", "r1", 2)]
    heard = Event(4.1, "begun", "r1", 2, 1)
    for code, more, is_amiss in ((1001, [], False), (1001, [heard], True), (1011, [], True), (1006, [], True)):
        closed = Event(4.2, "closed", "r1", 2, 0, code)
        assert (accounts.closed_amiss([*begun, *more, closed]) == [closed]) == is_amiss, code
    # Idle, and before its second turn elsewhere.
    idle = Event(3.5, "closed", "r1", 2, 0, 1001)
    events = [*begun[:-1], idle, *dial("r1", 2, 4, True), *turn("r1", 2, 2, 5, [1], 102)]
    assert accounts.closed_amiss(events) == []


def test_how_many_there_are_at_once():
    events = [Event(0, "up", "r1"), Event(1, "up", "r2"), Event(2, "leaves", "r1"), Event(3, "up", "r3")]
    assert accounts.peak(events, "up", "leaves") == 2
    assert accounts.peak([*events, Event(4, "up", "r1")], "up", "leaves") == 3


def test_what_is_asked_when_all_know_that_nothing_is_left():
    events = story()
    assert accounts.used_up(events, 203) == 9.6 and accounts.used_up(events, 204) == 11.9
    assert accounts.used_up(events, 307) is None
    rounds = {"a": [9, 10, 10.5, 11], "b": [9.5, 9.7, 10.2, 10.7, 11.2]}
    assert accounts.all_know(9.6, rounds) == 11
    assert accounts.all_know(10.1, rounds) == float("inf")
    # The second turn of its line is one too many, and so is a line.
    assert accounts.beyond_budget(events, 11) == []
    assert [event.what for event in accounts.beyond_budget(events, 10.2)] == ["set up"]
    assert [(event.what, event.turn) for event in accounts.beyond_budget(events, 8)] == [("asked", 3), ("set up", 0)]
