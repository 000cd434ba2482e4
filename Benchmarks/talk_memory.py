"""What a session that talks keeps, second by second: 50 sessions of 50 messages a second, plaintext, one
answer after 20 seconds; private dirty memory of the proxy above that before them, by session, in KiB.

    python3 Benchmarks/talk_memory.py [turnkeeper [dev]]
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / ".build/release"
SESSIONS, PACE, SECONDS = 50, 50, 20
LOOK_AT = [1, 3, 5, 9, 11, 13, 20, 26]


def dirty(process):
    text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty:"))


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


def main(turnkeeper, dev):
    started = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key, file = certificate(folder)
        try:
            command = [dev, "bench-upstream", "--certificate", file, "--key", key]
            upstream = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            started.append(upstream)
            plain = upstream.stdout.readline().split()[1]
            (folder / "policies").mkdir()
            policy = f"upstream: {{ url: 'ws://localhost:{plain}' }}\nlimits: {{ messages_per_second: 1000000 }}\n"
            (folder / "policies/default.yaml").write_text(policy)
            port = free_port()
            command = [turnkeeper, "serve", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--ledger", "off"]
            command += ["--tls", "off", "--policies", folder / "policies", "--data", folder / "data"]
            command += ["--workers", "1", "--log-level", "error"]
            proxy = subprocess.Popen(command)
            started.append(proxy)
            deadline = time.monotonic() + 30
            while not accepts(port):
                assert time.monotonic() < deadline and proxy.poll() is None, "the proxy does not start"
                time.sleep(0.05)
            time.sleep(1)
            before = dirty(proxy)
            command = [dev, "bench-load", "--port", str(port), "--control", plain, "--mode", "voice"]
            command += ["--sessions", str(SESSIONS), "--rate", str(PACE), "--warm", "0.1"]
            command += ["--every", str(PACE * SECONDS), "--frames", "1", "--seconds", str(LOOK_AT[-1] + 2)]
            began = time.monotonic()
            load = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            started.append(load)
            for second in LOOK_AT:
                time.sleep(max(0, began + second - time.monotonic()))
                print(f"| {second} | {(dirty(proxy) - before) / SESSIONS:.0f} |", flush=True)
            load.wait(timeout=30)
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(timeout=20)


if __name__ == "__main__":
    places = sys.argv[1:] + [RELEASE / "turnkeeper", RELEASE / "dev"][len(sys.argv) - 1 :]
    main(*places)
