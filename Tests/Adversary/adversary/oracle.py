"""The laws of a session as they show from outside: at gemini, at the client, in the ledger."""

import json

from . import sound
from .answers import wrong_with
from .clients import DECLARED, decoded
from .families import FAMILIES
from .messages import parsed
from .world import World

BUFFER = 4 << 20      # limits.buffer of the default policy
NUDGE = 3.5           # seconds within which nobody nudges
PAUSE = 0.8           # seconds without sound that are no pause
HISTORY = 500         # the question of a history that was brought along
NOTE = 600            # and on: what a client tells without asking
CHANGED = "speak like a judge"      # the instruction of who returns with another one
CONSUMERS = ["plays all", "drops after interrupted", "drops after generation"]


def calls_of(plan: dict, question: int) -> list:
    first = (plan["attempts"].get(question) or [{}])[0]
    return first.get("calls") or []


def ends(plan: dict, question: int) -> int:
    """Turn ends that one healthy connection of that family would send for a question."""
    family, calls = FAMILIES[plan["family"]], calls_of(plan, question)
    if is_barged_in_call(plan, question):
        return int(plan["switches"]["cancel_interrupts"])
    if is_late(plan, question):
        return 2
    if not calls or not family.ends_at_call or family.has_status:
        return 1
    return 1 if family.name == "3.8" and plan["behavior"] == "BLOCKING" else 2


def ends_until(plan: dict, question: int) -> int:
    return sum(ends(plan, step["question"]) for step in plan["steps"] if step["question"] <= question)


def is_healthy(plan: dict) -> bool:
    faults = [each for directives in plan["attempts"].values() for each in directives if set(each) - {
        "calls", "before_call"}]
    returns = any(step.get("returns") for step in plan["steps"])
    rewritten = any(step.get("as_content") and plan["family"] == "3.1" for step in plan["steps"])
    in_call = any(step.get("in_call") for step in plan["steps"])
    return not (faults or returns or rewritten or in_call or plan["inputs"] or plan["idle"] or plan["setups"])


def is_barged(plan: dict, question: int) -> bool:
    return any(step["barges"] and step["question"] == question + 1 for step in plan["steps"])


def is_barged_in_call(plan: dict, question: int) -> bool:
    return any(step.get("in_call") and step["question"] == question + 1 for step in plan["steps"])


def is_late(plan: dict, question: int) -> bool:
    """Its second piece interrupts a reply that has not begun, and gemini says so."""
    return plan["switches"].get("late_interrupt", False) and any(
        step.get("pieces") and step["question"] == question for step in plan["steps"])


def judged(plan: dict, world: World, client) -> list[str]:
    wrong = [f"{'I9' if 'nudged' in crime else 'I1/I2/I3'} gemini was sent what is not its due: {crime}"
             for crime in world.crimes]
    if client.closed:
        return wrong + [f"I6 closed: {client.closed}"]
    wrong += _turns(plan, world, client)
    wrong += _memory(plan, world)
    wrong += _tools(plan, world, client)
    wrong += _riders(plan, world, client)
    wrong += _bounds(plan, world, client)
    if is_healthy(plan):
        wrong += _untouched(plan, world, client)
    return wrong


def _turns(plan: dict, world: World, client) -> list[str]:
    wrong, at = [], 0
    for step in plan["steps"]:
        question = step["question"]
        count = ends(plan, question)
        turns = client.turns[at : at + count]
        at += count
        if len(turns) < count:
            wrong.append(f"I13 question {question}: {len(turns)} ends of {count}")
            continue
        barged = is_barged(plan, question)
        phantom = any("phantom" in each for each in plan["inputs"].get(question, []))
        for consumer in CONSUMERS:
            if consumer != "plays all" and (barged or phantom):
                continue
            chunks = [chunk for turn in turns for chunk in turn.kept(consumer)]
            if error := wrong_with(chunks, question, world, must_be_whole=not barged):
                wrong.append(f"I7/I13 question {question}, a program that {consumer}: {error}")
                break
        if not barged and not phantom and not is_late(plan, question) and any(turn.interrupted for turn in turns):
            wrong.append(f"I13 question {question}: an interrupted nobody caused")
    if len(client.turns) > at:
        wrong.append(f"I13 {len(client.turns)} ends for {at}")
    if client.turn.chunks:
        wrong.append(f"I7 sound after the last turn: {client.turn.chunks}")
    return wrong


def _memory(plan: dict, world: World) -> list[str]:
    wrong = []
    said = {step["question"]: _places(step) for step in plan["steps"]}
    for event in world.events("asked though answered"):
        wrong.append(f"I15 connection {event['c']} was asked {event['question']}, which it had answered")
    for event in world.events("said again"):
        wrong.append(f"I15 connection {event['c']} heard {event['question']} again, which it had answered")
    whole: dict[int, int] = {}
    asleep = set()
    for event in world.events("begins", "audio", "ends", "asleep"):
        if event["what"] == "asleep":
            asleep.add(event["c"])
        elif event["c"] in asleep:
            continue            # what it thinks to have said, nobody has heard
        elif event["what"] == "ends" and not event["bare"]:
            for question in event["questions"]:
                reply = world.replies[event["reply"]]
                if reply.kind == "audio":
                    whole[question] = whole.get(question, 0) + 1
                    if whole[question] > 1:
                        wrong.append(f"I7 question {question} was answered {whole[question]} times")
        elif event["what"] == "audio":
            again = {question for question, _ in event["codes"] if question in whole}
            if again:
                wrong.append(f"I15 connection {event['c']} got the sound of {again}, answered before")
                whole = {question: n for question, n in whole.items() if question not in again}
        elif event["what"] == "begins":
            if world.replies[event["reply"]].started:
                wrong += _knowledge(event, said, plan, world)
    for event in world.events("made to speak"):
        wrong.append(f"I9 connection {event['c']} was made to speak with nothing asked: {event['text']!r}")
    return list(dict.fromkeys(wrong))


def _places(step: dict) -> set[int]:
    if step["form"] != "voice":
        return set()
    if step.get("pieces"):
        return set(range(2 * round(step["seconds"] / 2 * 1000 / step["chunk_ms"])))
    return set(range(round(step["seconds"] * 1000 / step["chunk_ms"])))


def _knowledge(event: dict, said: dict, plan: dict, world: World) -> list[str]:
    """A connection that answers knows its question whole, and what came before."""
    wrong, questions = [], event["questions"]
    if not questions:
        return []
    newest, known = questions[-1], event["known"]
    pieces = any(step.get("pieces") for step in plan["steps"] if step["question"] == newest)
    wanted = ""
    for step in plan["steps"]:
        if step["question"] <= newest:      # who returns brings a setup, which has none
            wanted = step.get("instruction", _instruction(step) if step.get("returns") else wanted)
    voice, tools = "", [each["name"] for each in DECLARED] if plan["tools"] else []
    for step in plan["steps"]:
        if step["question"] > newest:
            break
        if step.get("returns"):
            voice = "Kore" if step.get("changes") == "voice" else ""
            tools = [each["name"] for each in DECLARED] if plan["tools"] else []
        if step.get("declares") or step.get("changes") == "declares":
            tools = [each["name"] for each in DECLARED] + ["cancel"]
    if event["voice"] != voice and not plan.get("hidden"):
        wrong.append(f"I15 connection {event['c']} answers {newest} with the voice {event['voice']!r}, not {voice!r}")
    if sorted(event["tools"]) != sorted(tools):
        wrong.append(f"I15 connection {event['c']} answers {newest} with the tools {event['tools']}, not {tools}")
    told = [HISTORY] if plan.get("history") else []
    told += [NOTE + step["question"] for step in plan["steps"] if step.get("note") and step["question"] <= newest]
    if lacks := [each for each in told if each not in known]:
        wrong.append(f"I15 connection {event['c']} answers {newest} and was not told {lacks}")
    if event["instruction"] != wanted:
        wrong.append(f"I15 connection {event['c']} answers {newest} under the instruction {event['instruction']!r}")
    missing = said.get(newest, set()) - known.get(newest, set())
    if missing and not pieces:
        wrong.append(f"I15 connection {event['c']} answers {newest} without places {sorted(missing)[:4]}..."
                     f" ({len(missing)} of {len(said[newest])})")
    for question, places in said.items():
        if places:
            places = places & world.spelled.get(question, set())    # nobody has the others' words
            if not places:
                continue
        if question < newest and (question not in known or places - known[question]):
            if question in known and not places:
                continue
            gone = len(places - known.get(question, set()))
            wrong.append(f"I15 connection {event['c']} answers {newest} and lacks {question}"
                         f" ({gone} of {len(places)} places)")
    return wrong


def _instruction(step: dict) -> str:
    return CHANGED if step.get("changes") == "instruction" else ""


def _tools(plan: dict, world: World, client) -> list[str]:
    wrong = []
    for step in plan["steps"]:
        question = step["question"]
        if is_barged(plan, question):
            continue
        wanted = [call["args"]["of"] for call in calls_of(plan, question)]
        called = {event["c"] for event in world.events("called") if question in event["questions"]}
        is_last = question == plan["steps"][-1]["question"]
        # Whoever answered without a call has no use for its result, but for what is asked next.
        owes_no_result = is_last and any(reply.whole and question in reply.questions and reply.connection not in called
                                         for reply in world.replies.values())
        made = [call["args"].get("of") for turn in [*client.turns, client.turn] for call in turn.calls
                if not call.get("willContinue")]
        cancelled = {calls_of(plan, question)[at]["args"]["of"] for attempt in plan["attempts"].get(question, [])[:1]
                     for at in attempt.get("cancels", {}).get("calls", [])}
        for each in wanted:
            if made.count(each) != 1:
                wrong.append(f"I8 call {each} reached the client {made.count(each)} times")
            told = [event.get("body") or event.get("text", "") for event in
                    world.events("result", "content", "text", "seed") if event.get("known", True)]
            if not owes_no_result and each not in cancelled and not any(f"result-{each}" in text for text in told):
                wrong.append(f"I8 the result of call {each} never reached gemini")
    known = [event for event in world.events("result") if not event["known"]]
    for event in known:
        wrong.append(f"I8 connection {event['c']} got a result for a call it does not know: {event['id']}")
    return wrong


def _riders(plan: dict, world: World, client) -> list[str]:
    """Usage and unknown fields arrive once and in order, whatever became of the message they rode on."""
    wrong = []
    seen, fields = [], []
    kept = set()
    for _, message, *_ in client.received:
        kept.add((message.get("toolCall") or {}).get("futureField"))
        if usage := message.get("usageMetadata"):
            seen.append(usage.get("futureCount"))
        if field := (message.get("serverContent") or {}).get("futureField"):
            fields.append(int(field[1:]))
    ours = {event["usage"] for event in world.events("ends") if not event["questions"]}
    rebuilt = {event["c"] for event in world.events("ready") if event["c"] and not event["resumed"]}
    closed = {event["c"]: event["t"] for event in world.events("closed")}
    for connection, payload, when in world.sent:
        if connection in rebuilt and world.family.text_is_content:
            continue            # there a history is told as a turn whose answer nobody hears
        if when > closed.get(connection, 1e18) - 0.4:
            continue            # it may have been on the way when the connection went
        message = json.loads(payload)
        count = message.get("usageMetadata", {}).get("futureCount")
        if count and count not in ours and count not in seen:
            wrong.append(f"I14 usage {count} of connection {connection} is gone")
        field = (message.get("serverContent") or {}).get("futureField")
        if field and int(field[1:]) not in fields:
            wrong.append(f"I14 a rider of connection {connection} is gone: {payload[:200]!r}")
        field = (message.get("toolCall") or {}).get("futureField")
        if field and field not in kept:
            wrong.append(f"I14 a rider beside a call is gone: {payload[:200]!r}")
    if len(set(fields)) != len(fields):
        wrong.append("I5 a message of gemini's came twice")
    if fields != sorted(fields):
        wrong.append(f"I5 gemini's messages came out of order: {fields}")
    return wrong


def _bounds(plan: dict, world: World, client) -> list[str]:
    """A session holds its buffer and the message in hand, and of pictures the newest arrives."""
    wrong = []
    if not plan.get("screen"):
        return wrong
    if client.held and max(client.held) > BUFFER + plan["screen"]["bytes"]:
        wrong.append(f"I16 {max(client.held)} bytes were held")
    newest = max((event["picture"] for event in world.events("video")), default=0)
    if any(each > newest for each in client.shown[:-1]):        # one may be on its way
        wrong.append(f"I10 the newest picture is {client.shown[-1]}, gemini has seen {newest}")
    return wrong


def _untouched(plan: dict, world: World, client) -> list[str]:
    """Nothing was wrong, so nothing is touched: both legs are what a plain relay would have made."""
    wrong = []
    if len(world.connections) != 1:
        wrong.append(f"I17 {len(world.connections)} connections to a healthy service")
    nudges = world.events("nudged")
    waits = [reply.started - reply.asked_at for reply in world.replies.values() if reply.started]
    if nudges and max(waits, default=0) < NUDGE:
        wrong.append(f"I17 {len(nudges)} nudges of a healthy service")
    elif len(nudges) > 1:
        wrong.append(f"I17 {len(nudges)} nudges of a slow service")
    down = [payload for _, payload, _ in world.sent if b"sessionResumptionUpdate" not in payload]
    heard = [payload.encode() if isinstance(payload, str) else payload for _, message, payload, _ in client.received
             if "sessionResumptionUpdate" not in message]
    if down != heard:
        wrong.append(f"I4/I5 gemini sent {len(down)} messages, the client got {len(heard)}"
                     f"{_difference(down, heard)}")
    if any(binary == world.switches["as_text"] for *_, binary in client.received):
        wrong.append("I4 a message came in the other opcode")
    if any(isinstance(payload, str) == client.ways["binary"] for _, payload in world.got):
        wrong.append("I4 a message went in the other opcode")
    if nudges or client.longest_gap > PAUSE:
        return wrong            # this machine made the microphone stutter, and that is filled
    up = [payload.encode() if isinstance(payload, str) else payload for _, payload in world.got]
    meant = client.sent_payloads[1:]
    if world.family.flushes:
        up = _without_flushes(up, meant, plan)
    if any(step["form"] == "typed" for step in plan["steps"]):
        up = _without_fill(up, meant)
    if plan["tools"] and world.family.dies_of_input_in_call:
        # Input waits for the end of a call there, of pictures the newest and of silence the last.
        meant, up = (sorted(each for each in some if not _may_be_left(each)) for some in (meant, up))
    if up != meant:
        wrong.append(f"I4 the client sent {len(meant)} messages, gemini got {len(up)}{_difference(meant, up)}")
    return wrong


def _may_be_left(payload: bytes) -> bool:
    realtime = parsed(payload).get("realtimeInput") or {}
    for blob in [realtime.get("audio"), *(realtime.get("mediaChunks") or [])]:
        if blob and not sound.is_voiced(decoded(blob["data"])):
            return True
    return "video" in realtime


def _without_flushes(up: list[bytes], meant: list[bytes], plan: dict) -> list[bytes]:
    """What gemini got but for the flushes: an end and a start of the proxy's in each fifteen seconds of a speech."""
    left = sum(int(step["seconds"] // 15) for step in plan["steps"] if step["form"] == "voice" and plan["manual"])
    kept: list[bytes] = []
    at = 0
    while at < len(up):
        is_meant = len(kept) < len(meant) and up[at] == meant[len(kept)]
        if not is_meant and left and b"activityEnd" in up[at] and b"activityStart" in b"".join(up[at + 1 : at + 2]):
            left -= 1
            at += 2
            continue
        kept.append(up[at])
        at += 1
    return kept


def _without_fill(up: list[bytes], meant: list[bytes]) -> list[bytes]:
    """What gemini got but for the silence that is put into an activity without sound, before its end (README)."""
    kept: list[bytes] = []
    for payload in up:
        following = meant[len(kept)] if len(kept) < len(meant) else b""
        if payload != following and b"activityEnd" in following and b'"audio"' in payload and _may_be_left(payload):
            continue
        kept.append(payload)
    return kept


def _difference(first: list[bytes], second: list[bytes]) -> str:
    for at, (one, other) in enumerate(zip(first, second)):
        if one != other:
            return f"; at {at} {one[:120]!r} became {other[:120]!r}"
    return ""


def judged_ledger(plan: dict, world: World, client, shown: dict) -> list[str]:
    if not shown:
        return ["I12 the ledger has no such session"]
    wrong = []
    turns = shown.get("turns") or []
    outcomes = [turn["outcome"] for turn in turns]
    if any(outcome not in ("answered", "interrupted", "silent") for outcome in outcomes):
        wrong.append(f"I7 the ledger says {outcomes}")
    if shown.get("outcome") not in ("completed", "client_closed"):
        wrong.append(f"I12 outcome {shown.get('outcome')}")
    gone = set(client.shown[:-1]) - {event["picture"] for event in world.events("video")}
    if gone and not any(word in event["what"] for event in shown["events"] for word in ("drop", "replaced", "lost")):
        wrong.append(f"I10 {len(gone)} of {len(client.shown)} pictures are gone, and nothing says so")
    total = sum(turn["tokens"]["total"] - turn.get("estimated_tokens", 0) for turn in turns)
    if is_healthy(plan) and total != world.usage:
        wrong.append(f"I11 the ledger has {total} tokens, gemini reported {world.usage}")
    return wrong
