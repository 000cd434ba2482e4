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
    return made


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
