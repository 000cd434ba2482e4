"""A proxy in front of the simulator, found by public SDKs through nothing but a base URL."""

import pathlib

import certifi
import pytest
from turnkeeper import Proxy, Simulator, turns


class Conversation:
    """The two programs an SDK talks through, and what the simulator says it heard."""

    def __init__(self, start):
        self.simulator = start(Simulator)
        self.proxy = start(Proxy, self.simulator.url)

    @property
    def url(self):
        return self.proxy.https

    def assert_heard(self, *inputs):
        """Each turn was heard once, in order, and nothing illegal reached the simulator.

        `inputs` are kinds of turns as the simulator's record names them (`activity`, `speech`,
        `text`, `content`, `tool`), or the text of a typed turn.
        """
        record = self.simulator.record()
        assert record["violations"] == [], record
        heard = [turn["text"] or turn["input"] for turn in turns(record)]
        # LiveKit asks for each answer with a content of no words, or with a lone dot.
        heard = [words for words in heard if words not in ("content", ".")]
        assert heard == list(inputs), record


@pytest.fixture
def conversation(start, tmp_path, monkeypatch):
    """SDKs find the proxy's development CA where they find every other: in SSL_CERT_FILE."""
    conversation = Conversation(start)
    bundle = tmp_path / "bundle.pem"
    public = pathlib.Path(certifi.where()).read_bytes()
    bundle.write_bytes(public + b"\n" + conversation.proxy.ca.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", conversation.url)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    monkeypatch.setenv("GOOGLE_API_KEY", "test-key")
    return conversation
