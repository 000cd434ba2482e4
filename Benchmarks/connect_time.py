"""How long a client waits for its session, with gemini 50 ms away: the median of sessions one after the other.

    python3 Benchmarks/connect_time.py
        21 sessions each: straight to gemini, through the proxy, and through it with `upstream.warm: 4`
    --sessions 50 --round-trip 120     so many, and so far away (ms)
    --turnkeeper PROGRAM               another than .build/release/turnkeeper

Gemini is `turnkeeper simulate` behind TLS, and a relay that holds back every piece for half a round trip
each way, and the first for a whole one: that is the handshake of TCP, which loopback does at once. The
clients speak plaintext to the proxy on loopback, so that what remains is the way to gemini.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import ssl
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = json.dumps({"setup": {"model": "models/gemini-3.1-flash-live-preview"}}).encode()
# What may take milliseconds, on a machine with much else to do.
PATIENCE = 30


class Relay:
    """Bytes to `port`, as late as if it were `round_trip` seconds away."""

    def __init__(self, port, round_trip):
        self.to, self.round_trip = port, round_trip

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        await asyncio.sleep(self.round_trip)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader, writer):
        """Each piece at its own time, so that several in a row are not later than one."""
        pieces = asyncio.Queue()

        async def write():
            while (due := await pieces.get()) is not None:
                await asyncio.sleep(due[0] - time.monotonic())
                writer.write(due[1])
            writer.close()

        writing = asyncio.create_task(write())
        try:
            while piece := await reader.read(65536):
                pieces.put_nowait((time.monotonic() + self.round_trip / 2, piece))
        except OSError:
            pass
        pieces.put_nowait(None)
        await writing


async def session(port, key="", tls=None):
    """Seconds until the upgrade is answered, and until the setup is."""
    begun = time.monotonic()
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name)
    head = (
        f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nx-goog-api-key: {key}\r\n\r\n"
    )
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101"), answer
    upgraded = time.monotonic()
    # Masked with zeros: its bytes as they are.
    writer.write(bytes([0x81, 0x80 | len(SETUP)]) + bytes(4) + SETUP)
    heard = b""
    while b"setupComplete" not in heard:
        piece = await reader.read(4096)
        assert piece, heard
        heard += piece
    done = time.monotonic()
    writer.write(bytes([0x88, 0x80]) + bytes(4))
    writer.close()
    return upgraded - begun, done - begun


class Program:
    """One that says on what port it listens."""

    def __init__(self, *command):
        environment = os.environ | {"CONNECT_TIME_KEY": "client-key-1", "CONNECT_TIME_GEMINI_KEY": "gemini-key-1"}
        self.process = subprocess.Popen(
            [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )

    def port(self):
        for line in self.process.stdout:
            if line.startswith("listening on"):
                return int(line.rsplit(":", 1)[1])
        raise SystemExit("it does not listen")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(program, folder, gemini, authority, warm):
    policies = folder / f"policies-{warm}"
    policies.mkdir()
    upstream = f"url: wss://localhost:{gemini}, key: env:CONNECT_TIME_GEMINI_KEY, warm: {warm}, ca_file: {authority}"
    (policies / "default.yaml").write_text("match: { anyone: false }\n")
    (policies / "acme.yaml").write_text(f"match: {{ keys: [env:CONNECT_TIME_KEY] }}\nupstream: {{ {upstream} }}\n")
    return Program(
        *(program, "serve", "--listen", "127.0.0.1:0", "--admin", "off", "--tls", "off", "--workers", 1),
        *("--ledger", "off", "--policies", policies, "--data", folder / f"data-{warm}"),
    )


async def measure(arguments, folder, programs):
    gemini = Program(
        arguments.turnkeeper, "simulate", "--listen", "127.0.0.1:0", "--data", folder / "gemini"
    )
    programs.append(gemini)
    far = await Relay(gemini.port(), arguments.round_trip / 1000).start()
    authority = folder / "gemini/ca.pem"
    trust = ssl.create_default_context(cafile=authority)
    ways = {"straight to gemini": (far, "gemini-key-1", trust)}
    for name, warm in (("through the proxy", 0), ("with `upstream.warm: 4`", 4)):
        programs.append(serve(arguments.turnkeeper, folder, far, authority, warm))
        ways[name] = (programs[-1].port(), "client-key-1", None)
    times = {name: [] for name in ways}
    # The first of each is not counted: it finds nothing ready, and no TLS session to resume.
    for _ in range(arguments.sessions + 1):
        for name, way in ways.items():
            times[name].append(await asyncio.wait_for(session(*way), PATIENCE))
        # Long enough for another to be ready.
        await asyncio.sleep(6 * arguments.round_trip / 1000)
    print(f"| {arguments.sessions} sessions, gemini {arguments.round_trip} ms away | upgraded after | longest | set up after | longest |")
    print("|---|---:|---:|---:|---:|")
    for name, measured in times.items():
        upgraded, done = ([1000 * one[index] for one in measured[1:]] for index in (0, 1))
        cells = [statistics.median(upgraded), max(upgraded), statistics.median(done), max(done)]
        print(f"| {name} | " + " | ".join(f"{cell:.0f} ms" for cell in cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=21)
    parser.add_argument("--round-trip", type=int, default=50)
    parser.add_argument("--turnkeeper", type=pathlib.Path, default=ROOT / ".build/release/turnkeeper")
    arguments = parser.parse_args()
    programs = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(measure(arguments, pathlib.Path(folder), programs))
        finally:
            for program in programs:
                program.end()


if __name__ == "__main__":
    main()
