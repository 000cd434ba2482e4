"""Compares what clients, gemini and the books say of the same conversations. Pure functions over what was
recorded: each returns what is wrong, and an empty list if nothing is.

All events are of one process, and stand in the order in which they were noted.
"""

import bisect
import collections
import dataclasses


@dataclasses.dataclass(frozen=True)
class Event:
    """`who` is a caller, or a node where it is killed; `line` is a connection to gemini.

    Of clients: `dials`, `let in` (by a node, without an answer to its setup yet), `up` (value: has a handle),
    `refused`, `at` (a session), `asks`, `has asked`, `runs` (a tool), `strays` (an answer to nothing), `hears`
    (value: whose answers), `closed` (value: code), `leaves`.
    Of gemini: `set up`, `gone` (a handle), `begun` (a question), `asked` (value: turns that it knows), `calls`,
    `answered` (a call), `bills` (value: a number of its own), `illegal`, `left` (value: code). Of the test: `kills`.
    """

    at: float
    what: str
    who: str
    turn: int = 0
    line: int = 0
    value: object = None


@dataclasses.dataclass(frozen=True)
class Loss:
    """A turn that is missing somewhere since a node was killed, `age` seconds after it; the `bill`, if that is."""

    who: str
    turn: int
    age: float
    is_excused: bool
    bill: object = None


class Record:
    def __init__(self, clock):
        self.clock, self.events = clock, []

    def note(self, what, who, **facts):
        self.events.append(Event(self.clock(), what, who, **facts))


def of(events, *kinds):
    return [event for event in events if event.what in kinds]


def excused_since(kill, rounds):
    """What was said later may be lost with the node: its last second; more only if its own rounds, which the
    database has, were late as well. What came before the last but one was written by the last."""
    times = sorted(rounds.get(kill.who, []))
    before = times[: bisect.bisect_right(times, kill.at)]
    return min(kill.at - 1, before[-2] if len(before) > 1 else kill.at - 1)


def _kill_before(events, at):
    return next((kill for kill in reversed(of(events, "kills")) if kill.at <= at), None)


def _loss(event, close, events, rounds):
    """Of what `event` says; the client's connection had this end since."""
    bill = event.value if event.what == "bills" else None
    kill = _kill_before(events, close.at) if close and close.value == 1006 else None
    if not kill:
        return Loss(event.who, event.turn, float("inf"), False, bill)
    return Loss(event.who, event.turn, kill.at - event.at, event.at > excused_since(kill, rounds), bill)


def forgotten(events, rounds):
    """Turns that a client had heard to the end, and that gemini did not know when it was asked the next."""
    safe, closes, losses = {}, collections.defaultdict(list), {}
    for event in events:
        if event.what == "hears":
            safe[event.who, event.turn] = (event, event.at)
        elif event.what == "closed":
            closes[event.who].append(event)
        elif event.what == "asked":
            for (who, turn), (heard, since) in list(safe.items()):
                if who != event.who or turn >= event.turn:
                    continue
                if turn in event.value:
                    safe[who, turn] = (heard, event.at)
                elif (who, turn) not in losses:
                    end = next((close for close in closes[who] if close.at >= since), None)
                    losses[who, turn] = _loss(heard, end, events, rounds)
    return list(losses.values())


def missing_from_books(events, books, rounds=None):
    """Bills that the books have not got. The one excuse is a node that was killed with it: it must have been
    the connection's last, and the client must have noticed."""
    written = collections.Counter(books)
    bills, losses = collections.defaultdict(list), []
    for event in of(events, "bills"):
        bills[event.line].append(event)
    ends = {event.line: event for event in of(events, "left") if event.value == 1006}
    for line, of_line in bills.items():
        known = [bill.at for bill in of_line if written[bill.value]]
        for bill in of_line:
            if written[bill.value]:
                continue
            close, end = None, ends.get(line)
            kill = _kill_before(events, end.at) if end else None
            if kill and not (known and known[-1] > bill.at):
                closes = [event for event in of(events, "closed") if event.who == bill.who]
                close = next((event for event in closes if event.at >= kill.at), None)
            losses.append(_loss(bill, close, events, rounds or {}))
    return losses


def too_much_in_books(events, books):
    """Bills that nobody has written, and those that are there twice."""
    written = collections.Counter(books)
    written.subtract(event.value for event in of(events, "bills"))
    return [bill for bill, count in written.items() if count > 0]


def _more_than_asked(events, what):
    asks = collections.Counter((event.who, event.turn) for event in of(events, "asks"))
    done = collections.Counter((event.who, event.turn) for event in of(events, what))
    return [(*turn, count) for turn, count in done.items() if count > asks[turn]]


def doubled(events):
    """Turns that were answered, and tools that were run, more often than the client itself has asked."""
    heard = collections.Counter((event.who, event.turn) for event in of(events, "hears"))
    twice = [("hears", *turn, count) for turn, count in heard.items() if count > 1]
    for what in ("asked", "runs", "calls"):
        twice += [(what, *found) for found in _more_than_asked(events, what)]
    return twice


def misheard(events):
    """Answers to something else, or to several questions at once; and what nobody should have said."""
    wrong = [event for event in of(events, "hears") if event.value != [f"{event.who}:{event.turn}"]]
    return wrong + of(events, "illegal", "strays")


def driven_twice(events):
    """What gemini was told on a connection while it had a newer one of the same client."""
    newest, wrong = {}, []
    for event in events:
        if event.what == "set up":
            newest[event.who] = event.line
        elif event.what in ("begun", "asked", "answered") and event.line != newest[event.who]:
            wrong.append(event)
    return wrong


def used_up(events, tokens):
    """When the bills came to so many."""
    total = 0
    for event in of(events, "bills"):
        total += event.value
        if total >= tokens:
            return event.at
    return None


def all_know(at, rounds, count=3):
    """When each node has had so many rounds since: in one it tells the others, in the next it hears of them;
    and one may have begun before."""
    later = [[seen for seen in sorted(times) if seen > at] for times in rounds.values()]
    return max(times[count - 1] if len(times) >= count else float("inf") for times in later)


def beyond_budget(events, since):
    """Sessions that are begun after that, and turns that are asked, but for one of each that was open."""
    turns, wrong = collections.Counter(), []
    for event in events:
        if event.at <= since:
            continue
        if event.what == "asked":
            turns[event.line] += 1
        if event.what == "set up" or event.what == "asked" and turns[event.line] > 1:
            wrong.append(event)
    return wrong


@dataclasses.dataclass(frozen=True)
class Redial:
    """`dials` until one led somewhere; `seconds` since the close."""

    who: str
    dials: int
    has_handle: bool
    seconds: float


def refused(events):
    """Dials that led nowhere. One under way while a node was killed has broken like a call: its client could
    not know yet."""
    began, wrong = {}, []
    for event in events:
        if event.what == "dials":
            began[event.who] = event.at
        elif event.what == "kills":
            began = {who: None for who in began}
        elif event.what == "refused" and began[event.who] is not None:
            wrong.append(event)
    return wrong


def redials(events):
    amiss = refused(events)
    closes, dials, found = {}, collections.Counter(), []
    for event in events:
        if event.what == "closed" or event.what == "refused" and event not in amiss:
            closes[event.who], dials[event.who] = event, 0
        elif event.what == "dials":
            dials[event.who] += 1
        elif event.what == "up" and event.who in closes:
            seconds = event.at - closes.pop(event.who).at
            found.append(Redial(event.who, dials[event.who], event.value, seconds))
    return found


def closed_elsewhere(events, nodes):
    """Whose connection broke though its node, by the number of its session, was not killed."""
    at, wrong = {}, []
    for event in events:
        if event.what == "at":
            at[event.who] = event.value
        elif event.what == "closed":
            kill = _kill_before(events, event.at)
            if event.value != 1006 or not kill or nodes.get(at[event.who]) != kill.who:
                wrong.append(event)
    return wrong


def still_away(events):
    """Those who were closed, and heard no whole answer since."""
    away = {}
    for event in events:
        if event.what == "closed":
            away[event.who] = event
        elif event.what == "hears":
            away.pop(event.who, None)
    return list(away.values())


def closed_amiss(events):
    """Who was sent away otherwise than with 1001, or in a turn: gemini had heard its beginning. A client that
    began to speak as it was sent away, and of whom gemini has heard nothing, was idle for the node."""
    asking, begun, wrong = {}, set(), []
    for event in events:
        if event.what == "asks":
            asking[event.who] = event.turn
            begun.discard(event.who)
        elif event.what == "begun":
            begun.add(event.who)
        elif event.what == "hears":
            asking.pop(event.who, None)
            begun.discard(event.who)
        elif event.what == "closed":
            if event.value != 1001 or event.who in asking and event.who in begun:
                wrong.append(event)
            asking.pop(event.who, None)
            begun.discard(event.who)
    return wrong


def seconds_of_turns(events):
    """From the question's end to the end of its answer."""
    asked, found = {}, []
    for event in events:
        if event.what == "has asked":
            asked[event.who] = event.at
        elif event.what == "hears" and event.who in asked:
            found.append(event.at - asked.pop(event.who))
        elif event.what == "closed":
            asked.pop(event.who, None)
    return found


def seconds_let_in(events):
    """Of those who come with a handle: from a node's yes to the end of its answer to their setup."""
    since, found = {}, []
    for event in events:
        if event.what == "let in":
            since[event.who] = event.at
        elif event.what == "refused":
            since.pop(event.who, None)
        elif event.what == "up" and event.who in since:
            seconds = event.at - since.pop(event.who)
            found += [seconds] if event.value else []
    return found


def seconds_on_the_way(events, begin=float("-inf"), end=float("inf")):
    """Of whole turns that begin and end between these moments: how long question and answer took from one side
    to the other, whatever gemini and tools took between them."""
    asked, there, billed, found = {}, {}, {}, []
    for event in events:
        turn = event.who, event.turn
        if event.what == "has asked":
            asked[turn] = event.at
        elif event.what == "asked" and turn in asked:
            there[turn] = event.at - asked[turn]
        elif event.what == "bills":
            billed[turn] = event.at
        elif event.what == "hears" and turn in there and turn in billed:
            if begin <= asked[turn] and event.at <= end:
                found.append(there[turn] + event.at - billed[turn])
    return found


def sessions_of(events, bills):
    """In which sessions these were heard, or would have been."""
    at, found = {}, set()
    for event in events:
        if event.what == "at":
            at[event.who] = event.value
        elif event.what == "bills" and event.value in bills:
            found.add(at[event.who])
    return found


def part(values, share):
    """Which value so many of them do not pass."""
    return sorted(values)[int((len(values) - 1) * share)]


def peak(events, begin, *ends):
    """How many were between these two at once."""
    now, most = set(), 0
    for event in events:
        if event.what == begin:
            now.add(event.who)
            most = max(most, len(now))
        elif event.what in ends:
            now.discard(event.who)
    return most


def percentiles(values):
    """As a line to print."""
    if not values:
        return "none"
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1}
    places = {name: part(values, share) for name, share in shares.items()}
    return f"{len(values)}: " + ", ".join(f"{name} {value:.2f} s" for name, value in places.items())
