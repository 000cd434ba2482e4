"""What one connection of gemini knows: questions, answers, calls, results, in the order they came."""

import copy
import dataclasses
import re

QUESTION = re.compile(r"\bq(\d+)(?:s(\d+))?\b")
ANSWER = re.compile(r"\ba(\d+)w(\d+)\b")
TOLD_AS_ANSWERED = re.compile(r"\bq(\d+)(?:s\d+)?\b(?:(?!\bq\d).)*\banswered\b", re.DOTALL)
RESULT = re.compile(r"\bresult-[\w-]+\b")


@dataclasses.dataclass
class Memory:
    sound: dict[int, set[int]] = dataclasses.field(default_factory=dict)  # question -> places heard
    words: dict[int, set[int]] = dataclasses.field(default_factory=dict)  # question -> places read
    asked: list[int] = dataclasses.field(default_factory=list)
    answered: list[int] = dataclasses.field(default_factory=list)
    barged: set[int] = dataclasses.field(default_factory=set)  # interrupted: if asked again, then by right
    told: dict[int, int] = dataclasses.field(default_factory=dict)  # question -> last word of its answer
    results: list[str] = dataclasses.field(default_factory=list)
    calls: dict[str, dict] = dataclasses.field(default_factory=dict)  # open ones
    seconds: float = 0.0    # of sound, silence too
    instruction: str = ""
    tools: list[str] = dataclasses.field(default_factory=list)     # their names
    voice: str = ""

    def copy(self) -> "Memory":
        return copy.deepcopy(self)

    def hear(self, question: int, place: int) -> None:
        self.sound.setdefault(question, set()).add(place)

    def read(self, text: str, asks: bool, is_ours: bool) -> list[int]:
        """Takes text in; what it asks comes back. `is_ours`: as the client itself sends it."""
        for token in RESULT.findall(text):
            self.results.append(token)
        for question, word in ANSWER.findall(text):
            self.told[int(question)] = max(self.told.get(int(question), 0), int(word))
        tags = [(int(question), place) for question, place in QUESTION.findall(text)]
        for question, place in tags:
            self.words.setdefault(question, set())
            if place:
                self.words[question].add(int(place))
        answers = {int(question) for question, _ in ANSWER.findall(text)}
        if not asks:
            self.answered += [one for one, _ in tags if one in answers and one not in self.answered]
            return []
        # Words that say a question was answered do not ask it, though they do not quote the answer.
        answers |= {int(question) for question in TOLD_AS_ANSWERED.findall(text)}
        asking = [one for one, _ in tags if is_ours or one not in self.answered and one not in answers]
        return list(dict.fromkeys(asking))

    def ask(self, questions: list[int]) -> None:
        for question in questions:
            if question not in self.asked:
                self.asked.append(question)

    @property
    def pending(self) -> list[int]:
        return [one for one in self.asked if one not in self.answered]

    def everything(self) -> dict[int, set[int]]:
        """Question -> places of it that are known, as sound or words."""
        return {one: self.sound.get(one, set()) | self.words.get(one, set())
                for one in [*self.sound, *self.words]}

    def knows(self, question: int) -> bool:
        return question in self.sound or question in self.words
