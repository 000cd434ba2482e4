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
import urllib.request

import talk_memory

SESSIONS, PACE, SECONDS = 8, 2, 15
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
    """Of what lies at addresses of a process: functions, and files or memory."""

    def __init__(self, process):
        self.places, self.symbols = [], []
        biases = {}
        for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            span, _, offset, _, inode, *file = line.split(maxsplit=5)
            start, end = (int(part, 16) for part in span.split("-"))
            name = file[0] if file else "memory"
            self.places.append((start, end, pathlib.Path(name).name))
            if inode != "0":
                biases.setdefault(name, start - int(offset, 16))
        for file, bias in biases.items():
            self.symbols += [(address + bias, name) for address, name in functions(file)]
        self.symbols.sort()

    def place(self, address):
        return next((name for start, end, name in self.places if start <= address < end), "elsewhere")

    def function(self, instruction):
        address = int(instruction[3 : instruction.index(",")], 16)
        place = bisect.bisect_right(self.symbols, (address, "~")) - 1
        name = self.symbols[place][1] if place >= 0 else ""
        return f"{name} ({self.place(address)})"


def functions(file):
    """Of a program or library: addresses and names."""
    for option in ([], ["-D"]):
        listing = subprocess.run(["nm", *option, file], capture_output=True, text=True, timeout=60).stdout
        found = [line.split(" ", 2) for line in listing.splitlines() if line[:1] in "0123456789"]
        if found:
            return [(int(address, 16), name) for address, kind, name in found if kind in "TtWwVi"]
    return []


def heard(control):
    """How many messages the upstream has received."""
    with urllib.request.urlopen(f"http://127.0.0.1:{control}/bench/report", timeout=60) as answer:
        return int(float(answer.read().split()[0].split(b"=")[1]))


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
            control = load[load.index("--control") + 1]
            # All at once, so that both workers take some.
            load += ["--sessions", str(SESSIONS), "--rate", str(PACE), "--warm", "0.1", "--seconds", "300"]
            at_first = talk_memory.count(proxy, "fd")
            clients = subprocess.Popen([*load, "--every", "0"], stdout=subprocess.DEVNULL)
            talk_memory.await_sessions(SESSIONS, at_first, proxy, clients, 300)
            # Setups are over, and what is made at a session's first messages has been made.
            deadline = time.monotonic() + 120
            while heard(control) < 4 * SESSIONS:
                assert time.monotonic() < deadline and clients.poll() is None, "no messages arrive"
                time.sleep(0.5)
            before = heard(control)
            trace.counting = True
            time.sleep(SECONDS)
            trace.counting = False
            messages = heard(control) - before
            names = Names(proxy)
            # Ending properly would take minutes.
            proxy.kill()
            clients.kill()
            clients.wait(timeout=20)
        report(trace, names, messages)


def report(trace, names, messages):
    # The two that do most are the workers.
    threads = sorted(trace.threads.items(), key=lambda thread: -thread[1][0].total())[:2]
    owners, uses = collections.defaultdict(set), collections.Counter()
    for number, (accesses, written, _) in threads:
        print(f"worker {number}: {accesses.total()} accesses to {len(accesses)} lines, {len(written)} of them written")
        for line in accesses:
            owners[line].add(number)
        uses.update(accesses)
    shared = {line for _, (_, written, _) in threads for line in written if len(owners[line]) > 1}
    often = sum(uses[line] for line in shared)
    print(f"{messages} messages; {len(shared)} lines are touched by both and written by one of them: ", end="")
    print(f"{often / messages:.2f} accesses a message, of {uses.total() / messages:.0f}")
    for line in sorted(shared, key=lambda line: -uses[line])[:25]:
        print(f"  {line * LINE:#x} in {names.place(line * LINE)}: {uses[line] / messages:.2f} a message")
        for number, (accesses, _, users) in threads:
            writer = f", written in {names.function(users[line])}" if line in users else ""
            print(f"    worker {number}: {accesses[line]}{writer}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turnkeeper", default=talk_memory.RELEASE / "turnkeeper")
    parser.add_argument("--dev", default=talk_memory.RELEASE / "dev")
    main(parser.parse_args())
