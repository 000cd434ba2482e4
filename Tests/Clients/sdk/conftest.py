"""A proxy in front of the simulator, found by public SDKs through nothing but a base URL."""

import pathlib

import certifi
import pytest
from turnkeeper import Guarded, Simulator, turns


class Conversation:
    """The two programs an SDK talks through, and what the simulator says it heard."""

    def __init__(self, start):
        self.simulator = start(Simulator)
        self.proxy = start(Guarded, self.simulator.url)

    @property
    def url(self):
        return self.proxy.https

    def assert_heard(self, *inputs):
        """Each turn was heard once, in order, and nothing illegal reached the simulator.

        `inputs` are kinds of turns as the simulator's record names them (`activity`, `speech`), or
        the text of a typed turn.
        """
        record = self.simulator.record()
        assert record["violations"] == [], record
        # What a tool said is a turn of its own on some families only.
        heard = [turn["text"] or turn["input"] for turn in turns(record) if turn["input"] != "tool"]
        # LiveKit asks for each answer with a content of no words, or with a lone dot.
        heard = [words for words in heard if words not in ("content", ".")]
        assert heard == list(inputs), record

    def assert_heard_exactly(self, *spoken):
        """The turns' audio is what was spoken, to the last byte."""
        heard = [turn["audio_hash"] for turn in turns(self.simulator.record())]
        assert heard == [f"{fnv1a(pcm):x}" for pcm in spoken]

    def assert_tool_answered(self, name):
        """The one call of the conversation got the one answer it waited for."""
        record = self.simulator.record()
        answers = [
            answer
            for conversation in record["conversations"]
            for answer in conversation["tool_responses"]
        ]
        assert [(answer["name"], answer["was_expected"]) for answer in answers] == [(name, True)]


def fnv1a(data):
    """The simulator's hash of what it hears: FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


@pytest.fixture
def lead(tmp_path, monkeypatch):
    """Leads SDKs to a URL by nothing but their environment; they find the CA behind it where they
    find every other, in SSL_CERT_FILE."""

    def lead(url, ca):
        bundle = tmp_path / "bundle.pem"
        public = pathlib.Path(certifi.where()).read_bytes()
        bundle.write_bytes(public + b"\n" + ca.read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
        monkeypatch.delenv("GEMINI_API_KEY", raising=False)
        monkeypatch.setenv("GOOGLE_API_KEY", "test-key")

    return lead


@pytest.fixture
def conversation(start, lead):
    conversation = Conversation(start)
    lead(conversation.url, conversation.proxy.ca)
    return conversation
