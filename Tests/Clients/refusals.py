"""Refusals of a client by its policy, for tests of what each SDK shows of them."""

import contextlib
import dataclasses
import json
import re

from relay import SETUP, soon
from turnkeeper import PATH, Proxy, Simulator
from watching import until
from websockets.asyncio.client import connect

# By the metric's reason: policy, close code, and words that say what to do about it.
REFUSALS = {
    "key": ("match: { anyone: false }", 1007, "API key not valid"),
    "limits.sessions": ("limits: { sessions: 1 }", 1008, "limits.sessions of this tenant is reached"),
    "models.allow": ("models: { allow: [gemini-1.0-*] }", 1008, "models.allow"),
}


@dataclasses.dataclass
class Refusing:
    """A proxy that refuses whoever comes, and why."""

    proxy: Proxy
    reason: str
    code: int
    words: str

    async def assert_shown(self, text):
        """An SDK has shown this; an operator finds the same refusal in metrics and log by its id."""
        assert self.words in text, text
        name = re.search(r"\(session (\w+)\)", text)[1]
        # They are written beside what they tell of.
        told = re.compile(rf"session (?:refused|ended) session={name} .*\b{self.code}\b.*")
        await until(lambda: told.search(self.proxy.log_path.read_text()))
        await until(lambda: self.proxy.count("refusals_total", code=str(self.code), reason=self.reason) >= 1)


@contextlib.asynccontextmanager
async def refusing(start, lead, reason):
    policy, code, words = REFUSALS[reason]
    proxy = start(Proxy, start(Simulator).url, policy)
    lead(proxy.https, proxy.ca)
    async with contextlib.AsyncExitStack() as stack:
        if reason == "limits.sessions":
            other = await stack.enter_async_context(connect(f"{proxy.ws}{PATH}?key=test-key", proxy=None))
            await other.send(json.dumps(SETUP))
            assert "setupComplete" in json.loads(await soon(other.recv()))
        yield Refusing(proxy, reason, code, words)
