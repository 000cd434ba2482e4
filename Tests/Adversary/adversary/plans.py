"""A random plan from a seed: who talks, what the service does to it, and how it answers what nobody knows."""

import random

from .families import FAMILIES

CLOSES = [
    (1011, "Internal error encountered."), (1011, "The service is currently unavailable."),
    (1011, "Deadline expired before operation could complete."), (1011, "Thread was cancelled"),
    (1008, "The operation was aborted."), (1000, ""), (1000, "The operation was cancelled."),
]


DEAD_HANDLES = [[1008, "BidiGenerateContent session not found"], [1008, "Requested entity was not found."],
                [1007, "Invalid session handle"]]


def plan(seed: int) -> dict:
    dice = random.Random(seed)
    family = dice.choices(["2.5", "3.1", "3.8", "3.8-et"], [4, 4, 3, 2])[0]
    manual = dice.random() < 0.6
    slow = dice.random() < 0.02
    made = {
        "seed": seed, "family": family, "manual": manual, "solo": slow,
        "transcription": dice.random() < 0.8, "tools": dice.random() < 0.35,
        "behavior": None, "returns": False, "steps": [], "attempts": {}, "inputs": {}, "idle": {}, "setups": {},
        "switches": {
            "nudge": dice.choice(["wakes", "wakes", "nothing", "restarts", "adds"]),
            "cancel_interrupts": dice.random() < 0.5, "reissues": dice.random() < 0.5,
            "obeys": dice.random() < 0.5, "ends_interrupted_together": dice.random() < 0.3,
            "handles": dice.choices(["turn", "start", "never"], [8, 1, 1])[0],
            "handle_in_call": dice.random() < 0.2, "bundles": dice.random() < 0.5,
            "resumes_with_open_turn": dice.random() < 0.15, "overlap_dies": True,
        },
        "usual": {"chunks": dice.choice([3, 5, 8]), "every": dice.choice([0.02, 0.05, 0.1]),
                  "gap": dice.choice([0.0, 0.15, 0.6]), "first": dice.choice([0.1, 0.3, 0.8, 1.5])},
    }
    if made["tools"] and family in ("2.5", "3.8"):
        made["behavior"] = dice.choice([None, "BLOCKING"])
    if slow:
        made["usual"]["first"] = dice.choice([5, 7])
    _steps(made, dice)
    if dice.random() < 0.85:
        _faults(made, dice)
    _beside(made, random.Random(f"beside {seed}"))
    _more(made, random.Random(f"more {seed}"))
    return made


# How often a plan has what `_more` adds, where its family and its other troubles allow it.
SHARES = {
    "asleep": 0.06, "streamed": 0.3, "deaf": 0.15, "cancels": 0.2, "barges in a call": 0.6, "history": 0.05,
    "note": 0.06, "token": 0.06, "hidden setup": 0.5, "changes": 0.8, "content": 0.15, "typed": 0.1,
    "long": 0.045, "index": 0.25, "late interrupt": 0.2, "again": 0.06, "tools by context": 0.15,
}


def _more(made: dict, dice: random.Random) -> None:
    """Kinds that were added later; each draws its dice, so that one more leaves the others as they are."""
    has = {name: dice.random() < share for name, share in SHARES.items()}
    steps, family = made["steps"], made["family"]
    first_of = {question: attempts[0] for question, attempts in made["attempts"].items() if attempts}
    untouched = [step for step in steps if _is_untouched(made, step)]
    calling = [step for step in untouched if "calls" in first_of.get(step["question"], {})
               and len(made["attempts"][step["question"]]) == 1]
    plain = [step for step in untouched if not first_of.get(step["question"]) and not step.get("pieces")]
    made["switches"] |= {"index": has["index"], "late_interrupt": has["late interrupt"]}
    if has["asleep"] and plain:
        step, death = dice.choice(plain), {"how": "asleep"}
        where = dice.choice(["reply", "reply", "idle", "input"])
        if where == "reply":
            made["attempts"][step["question"]] = [{"die": death | {"at": dice.randint(0, made["usual"]["chunks"])}}]
        elif where == "input" and step["form"] == "voice":
            last = round(step["seconds"] * 1000 / step["chunk_ms"]) - 1
            made["inputs"][step["question"]] = [death | {"at": dice.choice([0, last // 2, -1])}]
        else:
            made["idle"][step["question"]] = death | {"after": 0.2}
        plain.remove(step)
    for step in calling:
        attempt = first_of[step["question"]]
        following = next((each for each in untouched if each["question"] == step["question"] + 1), None)
        if following and following["form"] == "voice" and not following.get("returns") and not made["solo"] \
                and _is_blocking(made) and made["manual"] and dice.random() < SHARES["barges in a call"]:
            following |= {"barges": 1, "in_call": True}
            following.pop("pieces", None)
            made["tool_seconds"] = 6.0
            break               # this tool is slow for the whole session: one is enough
        if dice.random() < SHARES["streamed"]:
            attempt["streamed"] = True
        kind = dice.random()
        if kind < SHARES["deaf"] and not made["solo"]:
            attempt["deaf"] = True
        elif kind < SHARES["deaf"] + SHARES["cancels"]:
            count = len(attempt["calls"])
            attempt["cancels"] = {"after": dice.choice([0.0, 0.05]), "calls": sorted(
                dice.sample(range(count), dice.randint(1, count)))}
            made["tool_seconds"] = max(made["tool_seconds"], 1.5)
    if has["history"]:
        made["history"] = True
    if has["note"] and family != "3.1":
        for step in steps:
            if step["question"] > 1 and not step["barges"] and dice.random() < 0.5:
                step["note"] = True
    if has["token"] and family != "2.5-vertex" and made["switches"]["handles"] == "turn" \
            and not any("refuses_handle" in each for each in made["setups"].values()):
        made["token"] = True
        made["switches"]["single_use"] = True
        if has["hidden setup"] and made["manual"] and not made["tools"] and not made.get("resumes"):
            made |= {"hidden": True, "transcription": False, "history": False}
            made["switches"]["locks_manual"] = True
    for step in steps:
        if step.get("returns") and has["changes"]:
            step["changes"] = dice.choice(["voice", "voice", "declares", "instruction"])
        if step["form"] == "text":
            if family == "3.1" and dice.random() < SHARES["content"]:
                step["as_content"] = True
            elif made["manual"] and dice.random() < 2 * SHARES["typed"] and not step["barges"]:
                step |= {"form": "typed", "gap": dice.choice([0.0, 0.3, 1.6]), "picture": dice.random() < 0.4}
    if has["long"] and made["manual"] and not made["solo"] and not any(step["seconds"] > 3 for step in steps):
        spoken = [step for step in steps if step["form"] == "voice" and not step.get("pieces") and not step["barges"]]
        if spoken:
            seconds, speed = dice.choice([(60, 4), (110, 2.3), (110, 2.3)])
            step = dice.choice(spoken)
            for fault in made["inputs"].get(step["question"], []):
                fault["at"] = dice.choice([-1, seconds * 5, seconds * 10 - 20])
            step |= {"seconds": seconds, "speed": speed, "chunk_ms": 100}
            made["patience"] = 75 + seconds
            del steps[max(3, steps.index(step) + 2) :]
    if has["again"] and plain:
        made["idle"].setdefault(dice.choice(plain)["question"], {"goaway": 3, "after": 0.1})
    if has["tools by context"] and made["tools"] and family.startswith("3.8"):
        dice.choice(steps)["declares"] = True


def _is_untouched(made: dict, step: dict) -> bool:
    """Nothing else goes wrong with this question, and nobody speaks over its answer."""
    question = step["question"]
    troubles = [set(each) - {"calls", "before_call"} for each in made["attempts"].get(question, [])]
    return not (any(troubles) or question in made["inputs"] or question in made["idle"] or step.get("freeze")
                or step["barges"] or any(each["barges"] and each["question"] == question + 1 for each in made["steps"]))


def _is_blocking(made: dict) -> bool:
    """Where a call takes input while it is open, and what the user says ends it."""
    return made["family"] == "3.1" or made["family"] == "3.8" and made["behavior"] == "BLOCKING"


def _beside(made: dict, dice: random.Random) -> None:
    """What goes on beside the talk, and how either side writes."""
    if made["family"] == "2.5" and dice.random() < 0.25:
        made["family"] = "2.5-vertex"
    if dice.random() < 0.03:
        made |= {"screen": {"every": dice.choice([0.5, 1.0]), "bytes": dice.choice([60_000, 300_000, 600_000])},
                 "solo": True}
    if dice.random() < 0.5:
        made["client"] = {"snake": dice.random() < 0.4, "binary": dice.random() < 0.3, "url_safe": dice.random() < 0.4,
                          "rate": dice.choice([8000, 16000, 16000, 24000, 48000]), "chunks": dice.random() < 0.2}
    if dice.random() < 0.5:
        made["switches"] |= {"pretty": dice.random() < 0.4, "as_text": dice.random() < 0.2,
                             "noise": dice.choice([0.0, 0.1, 0.4]), "ends_at_once": dice.random() < 0.3,
                             "interim": dice.random() < 0.3, "late_words": dice.choice([0.0, 0.0, 0.4, 1.2])}
    if made["tools"]:
        made["tool_seconds"] = dice.choice([0.0, 0.15, 0.15, 1.5, 6.0])
    if dice.random() < 0.08:
        dice.choice(made["steps"])["instruction"] = f"speak like pirate {dice.randint(1, 99)}"
    if dice.random() < 0.06:
        made["resumes"] = True
        step = dice.choice(made["steps"])
        if step["question"] > 1 and not step["barges"] and made["switches"]["handles"] == "turn" and not made["setups"]:
            step["returns"] = {"how": dice.choice(["drops", "closes"]), "away": dice.choice([0.0, 0.5, 3.0])}
    if dice.random() < 0.02:
        dice.choice(made["steps"])["freeze"] = {"after": dice.choice([0.0, 0.3]), "seconds": dice.choice([1.5, 3.0])}
        made["solo"] = True
    if dice.random() < 0.1 and not made["setups"]:
        made["setups"][1] = {"refuses_handle": dice.choice(DEAD_HANDLES)}


def _steps(made: dict, dice: random.Random) -> None:
    count = 3 if made["solo"] else dice.randint(2, 6)
    for question in range(1, count + 1):
        step = {"question": question, "form": "voice" if dice.random() < 0.75 else "text",
                "seconds": round(dice.uniform(0.4, 2.5), 1), "speed": dice.choice([1, 3, 0]) if made["manual"] else 1,
                "pause": dice.choice([0, 0, 0.3, 1.0]), "barges": 0, "chunk_ms": dice.choice([20, 100, 100])}
        is_long = any(each["seconds"] > 3 for each in made["steps"])     # two at once are more than gemini takes
        if made["manual"] and dice.random() < 0.04 and not is_long:
            step |= {"seconds": dice.choice([15, 30, 45]), "speed": 0, "form": "voice", "chunk_ms": 100}
        if question > 1 and dice.random() < 0.12 and not made["solo"]:
            step["barges"] = dice.randint(1, made["usual"]["chunks"] - 1)
        made["steps"].append(step)
        if made["tools"] and dice.random() < 0.5:
            calls = [{"name": "look_up", "args": {"of": f"{question}-{at}"}} for at in range(dice.choice([1, 1, 2]))]
            made["attempts"][question] = [{"calls": calls, "before_call": dice.choice([0, 0, 2])}]
        elif made["manual"] and step["seconds"] < 3 and dice.random() < 0.08 and not step["barges"]:
            step |= {"pieces": 2, "form": "voice"}


def _faults(made: dict, dice: random.Random) -> None:
    questions = [step["question"] for step in made["steps"]]
    barged = {step["question"] - 1 for step in made["steps"] if step["barges"]}
    kinds = dice.sample(["die", "die", "mute", "input", "idle", "setup", "late", "phantom", "storm"],
                        dice.randint(1, 4))
    for kind in kinds:
        question = dice.choice(questions)
        step = made["steps"][question - 1]
        if kind in ("die", "mute", "late", "storm") and question in barged:
            continue        # which of the two comes first is anybody's guess
        _fault(kind, question, step, made, dice)


def _fault(kind: str, question: int, step: dict, made: dict, dice: random.Random) -> None:
    chunks, attempts = made["usual"]["chunks"], made["attempts"]
    has_calls = bool(attempts.get(question)) and "calls" in attempts[question][0]
    if kind == "die":
        death = _death(dice) | {"at": dice.randint(0, chunks + 1)}
        if has_calls:
            attempts[question][0][dice.choice(["die_in_call", "die_after_result"])] = death | {
                "after": dice.choice([0, 0.1, 0.5])}
            attempts[question].append({"calls": attempts[question][0]["calls"]})
        else:
            attempts.setdefault(question, []).append({"die": death})
            if dice.random() < 0.25:
                attempts[question].append({"die": _death(dice) | {"at": dice.randint(0, chunks)}})
    elif kind == "storm" and not has_calls and not made["solo"]:
        attempts.setdefault(question, []).extend(
            {"first": 0, "die": {"at": 0, "after": round(dice.uniform(0.05, 0.4), 2)}}
            for _ in range(dice.randint(3, 9)))
    elif kind == "mute" and not has_calls and not made["solo"]:
        silent_is_legal = made["family"].startswith("3.8")
        mute = dice.choice(["nothing", "freeze"] if silent_is_legal else
                           ["nothing", "text", "empty", "quiet", "freeze"])
        directive = {"kind": mute}
        if mute == "quiet":
            directive |= {"peak": dice.choice([0, 30, 60]) or 10, "chunks": 30, "every": 0.02}
        if mute == "freeze":
            directive = {"freeze": dice.randint(1, chunks - 1)}
        if dice.random() < 0.3:
            directive["sticks"] = True
        attempts.setdefault(question, []).append(directive)
    elif kind == "late":
        attempts.setdefault(question, []).append({"gap": dice.choice([1.5, 3.0])})
    elif kind == "input" and step["form"] == "voice":
        last = round(step["seconds"] * 1000 / step["chunk_ms"]) - 1
        fault = dice.choice([_death(dice), _death(dice), {"goaway": dice.choice([1.5, 3, 8])}])
        made["inputs"].setdefault(question, []).append(fault | {"at": dice.choice([-1, 0, 1, last // 2, last])})
    elif kind == "phantom" and step["form"] == "voice" and not step["barges"]:
        made["inputs"].setdefault(question, []).append({"at": 0, "phantom": dice.choice([0.0, 0.05])})
    elif kind == "idle":
        made["idle"][question] = dice.choice([_death(dice), {"goaway": dice.choice([1, 3, 10])}]) | {
            "after": dice.choice([0.0, 0.2, 0.6])}
    elif kind == "setup":
        made["setups"][dice.choice([1, 1, 2])] = dice.choice([
            {"usual": 1.5}, {"refused": 503}, {"refused": 429}, {"close": [1011, "Internal error encountered."]},
            {"never": True}])


def _death(dice: random.Random) -> dict:
    if dice.random() < 0.25:
        return {"how": "reset"}
    code, reason = dice.choice(CLOSES)
    return {"code": code, "reason": reason}
