"""Scenarios are coroutines that take a `stage`; all that were chosen run at the same time."""

import asyncio
import inspect
import itertools
import os
import threading
import time

import pytest

from adversary import clients, sound
from adversary.__main__ import LAG
from adversary.proxy import Proxy
from adversary.service import Service
from adversary.world import World

AT_ONCE = int(os.environ.get("AT_ONCE", "16"))
LONGEST = 300   # seconds, any scenario that does not say `longest`


class Stage:
    """One proxy with the default policy, and a service that any number of sessions may be set up on."""

    numbers = itertools.count(1)

    def __init__(self, service: Service, proxy: Proxy):
        self.service, self.proxy = service, proxy

    def world(self, family: str, **more) -> World:
        return self.service.add(World(f"key{next(self.numbers)}", family, **more))

    def client(self, world: World) -> clients.Client:
        return clients.Client(self.proxy, world)


class Run:
    def __init__(self, items):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        for rate in (8000, 16000, 24000, 48000):
            sound.speech(rate)          # speaking takes a moment that no scenario should wait for
        if any(getattr(item.module, "needs_trust", False) for item in items):
            asyncio.run_coroutine_threadsafe(Proxy.share_authority(), self.loop).result(60)
        self.gate = asyncio.Semaphore(AT_ONCE)
        self.lagged = 0.0
        asyncio.run_coroutine_threadsafe(self.watch(), self.loop)
        self.futures = {
            item.nodeid: asyncio.run_coroutine_threadsafe(self.play(item), self.loop)
            for item in items if inspect.iscoroutinefunction(getattr(item, "function", None))
        }

    async def watch(self) -> None:
        """When this program stood still: clients stuttered then, and the service was slow."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            if time.monotonic() - before > LAG:
                self.lagged = time.monotonic()

    async def play(self, item) -> None:
        """As for random sessions: a failure counts if the loop did not stand still meanwhile."""
        for left in (2, 1, 0):
            begun = time.monotonic()
            try:
                return await self.once(item)
            except Exception:
                if self.lagged < begun or not left:
                    raise

    async def once(self, item) -> None:
        arguments = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        policy = getattr(item.function, "policy", {})
        longest = getattr(item.function, "longest", LONGEST)
        if getattr(item.function, "alone", False):
            async with self.gate:
                await asyncio.wait_for(item.function(stage=None, **arguments), longest)
            return
        async with self.gate, Service() as service, Proxy(service.port, **policy) as proxy:
            stage = Stage(service, proxy)
            await asyncio.wait_for(item.function(stage=stage, **arguments), longest)
            broken = [each for world in service.worlds.values() for each in world.broken]
            assert not broken, f"the adversary itself erred: {broken}"


@pytest.fixture
def stage():
    """Only its name counts; see `pytest_pyfunc_call`."""


def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    session = pyfuncitem.session
    if not hasattr(session, "adversary"):
        session.adversary = Run(session.items)
    session.adversary.futures[pyfuncitem.nodeid].result(LONGEST * 40)
    return True
