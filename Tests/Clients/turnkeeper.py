"""Starts the built programs on ports of their own choice, and ends them by process id.

`TURNKEEPER` names the program to test; without it the release build of this checkout is taken.
"""

import base64
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import threading
import time
import urllib.request

import heard

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# What a program that trapped, or touched what is not its own, exits with.
CRASHES = [
    -number
    for number in (signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP)
]
PROGRAM = pathlib.Path(os.environ.get("TURNKEEPER", REPOSITORY / ".build/release/turnkeeper"))

# A loaded machine may take seconds to start a program; a healthy start takes milliseconds.
START_SECONDS = 30

SERVICE = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
PATH = f"/ws/{SERVICE}"


class Program:
    """One running program: its lines on stdout, its log, its process id."""

    def __init__(self, *arguments, log, program=PROGRAM, stderr=None):
        self.arguments = [str(program), *map(str, arguments)]
        self.log_path = pathlib.Path(log)
        self.lines = []
        # As its environment has them now; a test's own may be gone by the end.
        self._known = set()
        self._known = self.credentials()
        self._changed = threading.Condition()
        self._log = open(self.log_path, "wb")
        self.was_ended = self.was_searched = False
        self.process = subprocess.Popen(
            [*self.launcher(), *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log if stderr is None else stderr,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def launcher(self):
        """What starts the program, if not the system itself; it must become the program."""
        return []

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def port(self, prefix):
        """The port of the line `prefix HOST:PORT`, waited for."""
        deadline = time.monotonic() + START_SECONDS
        with self._changed:
            while True:
                for line in self.lines:
                    if line.startswith(prefix):
                        return int(line.rsplit(":", 1)[1])
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    break
                self._changed.wait(min(left, 0.2))
        self.end()
        raise AssertionError(f"no line '{prefix} HOST:PORT' from {self.describe()}")

    def assert_alive(self):
        """One process carries everybody: whatever a peer sends, it must still run."""
        assert self.was_ended or self.process.poll() is None, f"died: {self.describe()}"

    def end(self):
        """Ends it, once, and looks into everything that has left it for a credential."""
        if not self.was_ended:
            self.was_ended = True
            self._stop()
        if not self.was_searched:
            self.was_searched = True
            assert self.leaks() == [], "a credential has left"

    def _stop(self):
        """Asks, asks again without patience for open sessions, and only then insists."""
        for ask, seconds in ((signal.SIGTERM, 0.3), (signal.SIGTERM, 15), (signal.SIGKILL, 10)):
            if self.process.poll() is not None:
                break
            deadline = time.monotonic() + 5
            while self.is_pending(ask) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.process.send_signal(ask)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self._reader.join(5)
        self.process.stdout.close()
        self._log.close()
        assert self.process.returncode not in CRASHES, f"died at its end: {self.describe()}"

    def is_pending(self, number):
        """Whether it has yet to take this signal, of which two at once would be one."""
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return False
        (pending,) = re.findall(r"^ShdPnd:\s*(\w+)$", status, re.MULTILINE)
        return bool(int(pending, 16) >> number - 1 & 1)

    def option(self, name):
        """What follows `name` on its command line."""
        words = self.arguments
        return words[words.index(name) + 1] if name in words[:-1] else None

    def credentials(self):
        """Every credential that its policies and its command line name or named, by value."""
        names = ("--admin-token", "--ledger-password-file", "--state-key")
        files = [self.option(name) for name in names]
        found = set(self._known)
        for path in pathlib.Path(self.option("--policies") or "none").glob("*.yaml"):
            text = path.read_text(errors="replace")
            files += re.findall(r"file:([^\s'\",\]}]+)", text)
            found |= {os.environ.get(name, "") for name in re.findall(r"env:(\w+)", text)}
        for name in filter(None, files):
            if (path := pathlib.Path(name)).is_file() and path.suffix != ".json":
                found.add(path.read_text(errors="replace").strip().split("\n")[0])
        # What is shorter stands in names and paths, too.
        return {value for value in found if len(value) >= 8}

    def left(self):
        """Everything that has left it: its output, its log, its files, what clients were told."""
        ports = [line.rsplit(":", 1)[1] for line in self.lines if " on 127.0.0.1:" in line]
        left = {
            "stdout": "\n".join(self.lines).encode(),
            "log": self.log_path.read_bytes(),
            "told to clients": heard.of(int(port) for port in ports if port.isdigit()),
        }
        for path in pathlib.Path(self.option("--data") or "none").rglob("*"):
            try:
                left[str(path)] = path.read_bytes() if path.is_file() else b""
            except OSError:
                continue
        return left

    def leaks(self):
        """Where in it any of them stands, in any encoding that it could be quoted in."""
        credentials = self.credentials() if "serve" in self.arguments else None
        if not credentials:
            return []
        # What is shorter is found by chance.
        forms = {f for value in credentials for f in encodings(value) if len(f) >= 8}
        return [
            (place, form)
            for place, content in self.left().items()
            for reading in readings(content)
            for form in forms
            if form in reading
        ]

    def describe(self):
        tail = self.log_path.read_text(errors="replace")[-2000:]
        return f"{' '.join(self.arguments)} (exit {self.process.poll()})\n{tail}"


def encodings(value):
    """A credential as somebody may quote it: raw, in base64, or in hexadecimal digits."""
    raw = value.encode()
    return {
        raw,
        base64.b64encode(raw)[:-4],
        base64.urlsafe_b64encode(raw)[:-4],
        base64.b64encode(b"x" + raw)[4:-4],
        base64.b64encode(b"xx" + raw)[4:-4],
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }


ESCAPE = re.compile(
    rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{1,2});"
    rb"|&#([0-9]{1,2}|1[01][0-9]|12[0-7]);|\\([^\\ux])|\\(\\)"
)


def readings(content):
    """Bytes as they stand, and as what they stand for, however often they were escaped."""

    def meaning(escape):
        *hexadecimal, decimal, plain, backslash = escape.groups()
        if plain or backslash:
            return plain or backslash
        digits = next(filter(None, hexadecimal), None)
        return bytes([int(digits, 16) if digits else int(decimal)])

    yield content
    for _ in range(4):
        before, content = content, ESCAPE.sub(meaning, content)
        if content == before:
            return
        yield content


class Simulator(Program):
    """`turnkeeper simulate`: the imitation of Gemini Live, which keeps a record of what it heard."""

    def __init__(self, directory, *arguments):
        super().__init__(
            "simulate", "--listen", "127.0.0.1:0", *arguments, log=directory / "simulator.log"
        )
        self.listening = self.port("listening on")
        self.url = f"ws://127.0.0.1:{self.listening}"

    def record(self):
        """What it heard, as it says itself: conversations of turns, and violations."""
        address = f"http://127.0.0.1:{self.listening}/simulator/record"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)


def turns(record):
    """Every turn of every conversation in a simulator's record, in order."""
    return [turn for conversation in record["conversations"] for turn in conversation["turns"]]


class Askew:
    """Before the class of a program: one whose clock is wrong by `apart`."""

    def launcher(self):
        (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        clock = [f"LD_PRELOAD={library}", f"FAKETIME={self.apart}", "FAKETIME_DONT_FAKE_MONOTONIC=1"]
        # In the first program the library changes the environment, by which Swift finds arguments.
        return ["env", *clock, "nice", "-n", "0"]


class Proxy(Program):
    """`turnkeeper serve` in front of `url`, with a policy directory and data of its own.

    `policy` is YAML beside `upstream`, and `upstream` what stands there beside the URL.
    """

    def __init__(
        self,
        directory,
        url,
        policy="",
        *arguments,
        data=None,
        upstream="",
        admin="127.0.0.1:0",
        stderr=None,
    ):
        policies = directory / "policies"
        policies.mkdir(parents=True)
        self.data = data or directory / "data"
        self.data.mkdir(exist_ok=True)
        (policies / "default.yaml").write_text(
            f"upstream: {{ url: {url}, {upstream} }}\n{policy}\n"
        )
        super().__init__(
            *("serve", "--listen", "127.0.0.1:0", "--admin", admin),
            *("--policies", policies, "--data", self.data),
            *arguments,
            log=directory / "proxy.log",
            stderr=stderr,
        )
        self.listening = self.port("listening on")
        self.address = ("127.0.0.1", self.listening)
        self.ws = f"ws://127.0.0.1:{self.listening}"
        self.wss = f"wss://localhost:{self.listening}"
        self.https = f"https://localhost:{self.listening}"
        self.http = f"http://127.0.0.1:{self.listening}"

    @property
    def ca(self):
        return self.data / "ca.pem"

    def trust(self):
        """A TLS context that trusts this proxy's development CA and checks the host's name."""
        return ssl.create_default_context(cafile=self.ca)

    def metrics(self):
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port('admin on')}/metrics", timeout=10
        ) as answer:
            return answer.read().decode()

    def count(self, name, **labels):
        """The sum of the samples `turnkeeper_{name}` that have these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        total = 0.0
        for line in self.metrics().splitlines():
            series, _, value = line.rpartition(" ")
            if series.split("{")[0] == f"turnkeeper_{name}" and all(w in series for w in wanted):
                total += float(value)
        return total


class Guarded(Proxy):
    """One with a credential of ours, which must not be found in anything that leaves it: for clients that
    bring keys which are none."""

    KEY = "gemini-key/of-all-who-come"

    def __init__(self, directory, url, policy="match: { anyone: true }", *arguments, upstream="", **options):
        os.environ["GUARDED_GEMINI_KEY"] = self.KEY
        upstream = f"key: env:GUARDED_GEMINI_KEY, rest: pass, {upstream}"
        super().__init__(directory, url, policy, *arguments, upstream=upstream, **options)


class Seeder(Program):
    """`dev seed-ledger`: fills a ledger, and with `live` goes on telling it of conversations."""

    def __init__(self, directory, sessions, *arguments, live=0):
        self.data = directory / "data"
        super().__init__(
            *("seed-ledger", "--folder", self.data, "--sessions", sessions, "--live", live),
            *arguments,
            log=directory / "seeder.log",
            program=PROGRAM.with_name("dev"),
        )
        with self._changed:
            assert self._changed.wait_for(lambda: self.lines, START_SECONDS), self.describe()
        if live == 0:
            assert self.process.wait(START_SECONDS) == 0, self.describe()
            self.end()
