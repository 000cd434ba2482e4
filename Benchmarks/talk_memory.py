"""What sessions keep: private dirty memory of the proxy above that before them, descriptors and threads.

    python3 Benchmarks/talk_memory.py
        50 sessions of 50 messages a second, plaintext, one answer after 20 seconds; KiB a session, second by second
    python3 Benchmarks/talk_memory.py --sessions 5000 --pace 2
        so many, at a pace that one CPU can follow
    python3 Benchmarks/talk_memory.py --short 20000
        so many sessions that open, say something, are answered and close, a thousand at a time; what they leave
    --turnkeeper PROGRAM --dev PROGRAM     others than those in .build/release
"""

import argparse
import contextlib
import os
import pathlib
import resource
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / ".build/release"
SECONDS = 20
LOOK_AT = [1, 3, 5, 9, 11, 13, 20, 26]
AT_ONCE = 1000


def dirty(process):
    text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty:"))


def count(process, part):
    """Its descriptors (fd) or threads (task)."""
    return len(os.listdir(f"/proc/{process.pid}/{part}"))


def await_sessions(sessions, at_first, proxy, clients, seconds):
    """Waits until all are there, each with two sockets."""
    deadline = time.monotonic() + seconds
    while count(proxy, "fd") < at_first + 2 * sessions:
        assert time.monotonic() < deadline and clients.poll() is None, "the sessions do not open"
        time.sleep(0.05)


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def accepts(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def certificate(folder):
    key, file = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-keyout", key, "-out", file, "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return key, file


@contextlib.contextmanager
def serving(programs, workers=1, tool=()):
    """The proxy, behind the command of a tool if one is given, and the beginning of a command that loads it."""
    started = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key, file = certificate(folder)
        try:
            command = [programs.dev, "bench-upstream", "--certificate", file, "--key", key]
            upstream = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            started.append(upstream)
            plain = upstream.stdout.readline().split()[1]
            (folder / "policies").mkdir()
            policy = f"upstream: {{ url: 'ws://localhost:{plain}', connect: 60s, setup: 60s }}\n"
            policy += "limits: { sessions: 20000, messages_per_second: 1000000 }\n"
            (folder / "policies/default.yaml").write_text(policy)
            port = free_port()
            command = [*tool, programs.turnkeeper, "serve", "--listen", f"127.0.0.1:{port}", "--admin", "off"]
            command += ["--ledger", "off", "--tls", "off", "--policies", folder / "policies"]
            command += ["--data", folder / "data", "--workers", str(workers), "--log-level", "error"]
            proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            started.append(proxy)
            deadline = time.monotonic() + (300 if tool else 30)
            while not accepts(port):
                assert time.monotonic() < deadline and proxy.poll() is None, "the proxy does not start"
                time.sleep(0.05)
            time.sleep(1)
            yield proxy, [programs.dev, "bench-load", "--port", str(port), "--control", plain, "--mode", "voice"]
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(timeout=60)


def talk(programs):
    sessions, pace = programs.sessions, programs.pace
    with serving(programs) as (proxy, load):
        before, at_first = dirty(proxy), count(proxy, "fd")
        load += ["--sessions", str(sessions), "--rate", str(pace), "--warm", "0.1"]
        load += ["--every", str(pace * SECONDS), "--frames", "1", "--seconds", str(LOOK_AT[-1] + 2)]
        clients = subprocess.Popen(load, stdout=subprocess.DEVNULL)
        try:
            # They begin when all are there.
            await_sessions(sessions, at_first, proxy, clients, 60)
            began = time.monotonic()
            for second in LOOK_AT:
                time.sleep(max(0, began + second - time.monotonic()))
                print(f"| {second} | {(dirty(proxy) - before) / sessions:.0f} |", flush=True)
            assert clients.wait(timeout=60) == 0, "the load failed"
        finally:
            clients.kill()
            clients.wait()


def short(programs):
    with serving(programs) as (proxy, load):
        load += ["--sessions", str(AT_ONCE), "--messages", str(AT_ONCE), "--rate", "5", "--every", "1"]
        at_first = count(proxy, "fd")
        print("| sessions so far | private dirty KiB | descriptors | threads |\n| ---: | ---: | ---: | ---: |")
        for past in range(0, programs.short + 1, AT_ONCE):
            if past:
                subprocess.run(load, check=True, stdout=subprocess.DEVNULL, timeout=120)
                # An upstream that leaves its side of a connection open is waited for.
                deadline = time.monotonic() + 30
                while count(proxy, "fd") > at_first and time.monotonic() < deadline:
                    time.sleep(0.05)
            print(f"| {past} | {dirty(proxy)} | {count(proxy, 'fd')} | {count(proxy, 'task')} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--pace", type=int, default=50)
    parser.add_argument("--short", type=int)
    parser.add_argument("--turnkeeper", default=RELEASE / "turnkeeper")
    parser.add_argument("--dev", default=RELEASE / "dev")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    short(options) if options.short else talk(options)
