"""What two workers share: cache lines that both touch and at least one writes, while messages are forwarded.

    python3 Benchmarks/shared_lines.py [--dev PROGRAM] [--turnkeeper PROGRAM]

Two workers forward a client's audio under valgrind's lackey, which prints every access to memory, and between them
which thread runs. Counted is a window of time in which nothing but messages happens. The kernel's accesses are not seen.
"""

import argparse
import bisect
import collections
import os
import pathlib
import subprocess
import tempfile
import threading
import time

import talk_memory

SESSIONS, PACE, SECONDS = 8, 2, 20
LINE = 64


class Trace(threading.Thread):
    """Reads what lackey prints."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe = pipe
        self.counting = False
        # By thread: how often it touched each line, those it wrote, and one instruction that did.
        self.threads = collections.defaultdict(lambda: (collections.Counter(), set(), {}))

    def run(self):
        accesses, written, users = self.threads[0]
        instruction = ""
        with open(self.pipe) as lines:
            for line in lines:
                kind = line[:2]
                if kind == "I ":
                    instruction = line
                elif kind in (" L", " S", " M"):
                    if self.counting:
                        place = int(line[3 : line.index(",")], 16) // LINE
                        accesses[place] += 1
                        if kind != " L":
                            written.add(place)
                            users[place] = instruction
                elif "acquired" in line and "SCHED[" in line:
                    accesses, written, users = self.threads[int(line.split("SCHED[")[1].split("]")[0])]


class Names:
    """Of the functions of a program, by their addresses in a process."""

    def __init__(self, program, process):
        maps = pathlib.Path(f"/proc/{process.pid}/maps").read_text().splitlines()
        self.base = min(int(line.split("-")[0], 16) for line in maps if line.endswith(str(program)))
        listing = subprocess.run(["nm", program], check=True, capture_output=True, text=True, timeout=60).stdout
        found = [line.split(" ", 2) for line in listing.splitlines() if line[:1] in "0123456789"]
        self.symbols = sorted((int(address, 16), name) for address, _, name in found)

    def of(self, instruction):
        address = int(instruction[3 : instruction.index(",")], 16) - self.base
        place = bisect.bisect_right(self.symbols, (address, "~")) - 1
        return self.symbols[place][1] if 0 <= place and address >= 0 else "elsewhere"


def main(programs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pipe = folder / "trace"
        os.mkfifo(pipe)
        # Debian's valgrind does not read the debugging sections that Swift writes.
        stripped = folder / "turnkeeper"
        subprocess.run(["strip", "--strip-debug", "-o", stripped, programs.turnkeeper], check=True, timeout=60)
        programs.turnkeeper = stripped
        trace = Trace(pipe)
        trace.start()
        tool = ["valgrind", "--tool=lackey", "--trace-mem=yes", "--trace-sched=yes", "--fair-sched=try"]
        with talk_memory.serving(programs, 2, [*tool, f"--log-file={pipe}"]) as (proxy, load):
            # All at once, so that both workers take some.
            load += ["--sessions", str(SESSIONS), "--rate", str(PACE), "--warm", "0.1", "--seconds", str(SECONDS)]
            at_first = talk_memory.count(proxy, "fd")
            clients = subprocess.Popen([*load, "--every", "0"], stdout=subprocess.DEVNULL)
            talk_memory.await_sessions(SESSIONS, at_first, proxy, clients, 300)
            time.sleep(SECONDS / 4)
            trace.counting = True
            time.sleep(SECONDS / 2)
            trace.counting = False
            names = Names(stripped, proxy)
            # Ending properly would take minutes.
            proxy.kill()
            clients.kill()
            clients.wait(timeout=20)
        report(trace, names)


def report(trace, names):
    messages = SESSIONS * PACE * SECONDS / 2
    threads = {number: counts for number, counts in trace.threads.items() if counts[0]}
    owners, uses = collections.defaultdict(set), collections.Counter()
    for number, (accesses, written, _) in threads.items():
        print(f"thread {number}: {accesses.total()} accesses to {len(accesses)} lines, {len(written)} of them written")
        for line in accesses:
            owners[line].add(number)
        uses.update(accesses)
    shared = {line for _, written, _ in threads.values() for line in written if len(owners[line]) > 1}
    often = sum(uses[line] for line in shared)
    print(f"{len(shared)} lines are touched by several threads and written by one of them: ", end="")
    print(f"{often / messages:.2f} accesses a message, of {uses.total() / messages:.0f}")
    for line in sorted(shared, key=lambda line: -uses[line])[:25]:
        print(f"  {line * LINE:#x}: {uses[line] / messages:.2f} a message")
        for number in sorted(owners[line]):
            accesses, _, users = threads[number]
            writer = f", written in {names.of(users[line])}" if line in users else ""
            print(f"    thread {number}: {accesses[line]}{writer}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turnkeeper", default=talk_memory.RELEASE / "turnkeeper")
    parser.add_argument("--dev", default=talk_memory.RELEASE / "dev")
    main(parser.parse_args())
