"""Is what was heard one answer to that question?"""

from .world import World

ASIDE = 800   # places from here on are fillers and what is said before a call


def wrong_with(chunks: list[tuple[int, int]], question: int, world: World, must_be_whole: bool = True) -> str:
    """What is wrong with these chunks as the answer to `question`; nothing: an empty string.

    A reply that was cut may be spoken anew from its first word, or go on from an earlier one; every word is
    heard, in order, and nothing comes after the last.
    """
    spoken = [(number, place) for number, place in chunks if place < ASIDE]
    heard: set[int] = set()
    last: tuple[int, int] | None = None
    done = whole = False
    for number, place in spoken:
        reply = world.replies.get(number)
        if reply is None:
            return f"a reply nobody gave: {number}"
        if question not in reply.questions:
            return f"an answer to {reply.questions} where {question} was asked"
        if reply.kind != "audio":
            continue
        if done:
            return f"more sound after the whole answer: reply {number}, place {place}"
        if last and last[0] == number:
            if place != last[1] + 1:
                return f"reply {number} goes from {last[1]} to {place}"
        elif last and number < last[0]:
            return f"reply {number} after {last[0]}"
        elif place not in heard and place != len(heard):
            return f"reply {number} begins at {place}, heard so far {sorted(heard)}"
        last = (number, place)
        heard.add(place)
        whole = len(heard) == reply.chunks
        done = reply.finished and place == reply.chunks - 1
    if must_be_whole and not whole:
        return f"not whole: {spoken}"
    return ""
