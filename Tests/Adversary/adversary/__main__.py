"""`python -m adversary --sessions 300 --seed 1`: random sessions through the real program."""

import argparse
import asyncio
import json
import pathlib
import random
import sys
import time

from . import sound
from .plans import plan
from .play import play
from .proxy import Proxy
from .service import Service

LAG = 0.4       # seconds this program may stand still before a failure is tried again
REPEAT = "make adversary SESSIONS=1 SEED={seed}"


async def one(made: dict, limit: float = 400) -> list[str]:
    """One plan on a proxy of its own."""
    async with Service() as service, Proxy(service.port) as proxy:
        return await asyncio.wait_for(play(made, service, proxy, "alone"), limit)


async def many(seeds: list[int], at_once: int, proxies: int) -> dict[int, list[str]]:
    """Those that would teach a proxy slowness have one of their own; the rest share."""
    failures: dict[int, list[str]] = {}
    done = 0
    lagged, late = 0.0, []
    waiting = iter(seeds)

    async def watch() -> None:
        """A loop that stands still makes clients stutter and the service slow: that is nobody's failure."""
        nonlocal lagged
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            if time.monotonic() - before > LAG:
                lagged = time.monotonic()

    async def settle(made: dict, service, proxy) -> None:
        nonlocal done
        begun = time.monotonic()
        try:
            wrong = await one(made) if made["solo"] else await asyncio.wait_for(
                play(made, service, proxy, f"s{made['seed']}"), 400)
        except Exception as error:            # a mistake of the adversary's is a failure, too
            wrong = [f"adversary: {error!r}"]
        if wrong and lagged > begun:
            late.append((made, wrong))
            return
        done += 1
        if wrong:
            failures[made["seed"]] = wrong
            print(f"seed {made['seed']}: {wrong[0]}", flush=True)
            print(f"    repeat: {REPEAT.format(seed=made['seed'])}", flush=True)
        if done % 100 == 0:
            print(f"{done} sessions, {len(failures)} failed", flush=True)

    async def lane(service, proxy) -> None:
        for seed in waiting:
            await settle(plan(seed), service, proxy)

    for rate in (8000, 16000, 24000, 48000):
        sound.speech(rate)                    # speaking takes a moment that no session should wait for
    async with Service() as service:
        shared = [Proxy(service.port) for _ in range(proxies)]
        try:
            for proxy in shared:
                await proxy.__aenter__()
            watching = asyncio.ensure_future(watch())
            await asyncio.gather(*(lane(service, shared[at % proxies]) for at in range(at_once)))
            for few in (8, 4, 2):
                if not late:
                    break
                print(f"{len(late)} again, {few} at a time, for this machine stood still meanwhile", flush=True)
                waiting, late = iter([made["seed"] for made, _ in late]), []
                await asyncio.gather(*(lane(service, shared[at % proxies]) for at in range(few)))
            watching.cancel()
            for made, wrong in late:
                print(f"seed {made['seed']} is not judged: each time this machine stood still; {wrong[0]}", flush=True)
            if len(late) > max(2, len(seeds) // 50):
                failures |= {made["seed"]: wrong for made, wrong in late}
        finally:
            for proxy in shared:
                await proxy.__aexit__()
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(prog="adversary")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None, help="the first; each session takes the next")
    parser.add_argument("--jobs", type=int, default=64, help="sessions at a time")
    parser.add_argument("--proxies", type=int, default=4)
    parser.add_argument("--plan", help="a file with a plan, instead of seeds")
    parser.add_argument("--shrink", action="store_true", help="make what failed smaller")
    parser.add_argument("--keep", type=pathlib.Path, help="where the smallest plan is written")
    arguments = parser.parse_args()
    if arguments.plan:
        made = json.loads(pathlib.Path(arguments.plan).read_text())
        from .shrink import thawed
        wrong = asyncio.run(one(thawed(made["plan"] if "plan" in made else made)))
        print("\n".join(wrong) or "nothing broke")
        return bool(wrong)
    first = random.SystemRandom().randrange(1 << 30) if arguments.seed is None else arguments.seed
    print(f"{arguments.sessions} sessions from seed {first}", flush=True)
    begun = time.monotonic()
    if arguments.sessions == 1:
        made = plan(first)
        print(json.dumps(made, indent=1))
        wrong = asyncio.run(one(made))
        failures = {first: wrong} if wrong else {}
        print("\n".join(wrong) or "nothing broke")
    else:
        seeds = list(range(first, first + arguments.sessions))
        failures = asyncio.run(many(seeds, arguments.jobs, arguments.proxies))
    print(f"{arguments.sessions} sessions in {time.monotonic() - begun:.0f} s, {len(failures)} failed")
    if failures and arguments.shrink:
        from .shrink import shrunk
        for seed, wrong in list(failures.items())[:5]:
            asyncio.run(shrunk(seed, wrong, arguments.keep))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
