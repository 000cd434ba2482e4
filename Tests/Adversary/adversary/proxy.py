"""The program under test, as a child process with the default policy."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


def binary() -> str:
    return os.environ.get("TURNKEEPER", str(ROOT / ".build/release/turnkeeper"))


class Proxy:
    """`policy` is added to the one line that every run needs: where gemini is."""

    authority: pathlib.Path | None = None     # a folder with the certificates that every proxy is to have

    def __init__(self, upstream_port: int, policy: str = "", models: str = ""):
        self.upstream_port, self.policy, self.models = upstream_port, policy, models

    async def __aenter__(self) -> "Proxy":
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="adversary-"))
        policies = self.directory / "policies"
        policies.mkdir()
        (policies / "default.yaml").write_text(
            f"upstream: {{ url: ws://127.0.0.1:{self.upstream_port} }}\n{self.policy}")
        if self.models:
            (policies / "models.yaml").write_text(self.models)
        if self.authority:
            shutil.copytree(self.authority, self.directory / "data")
        self.log = open(self.directory / "log", "w")
        self.process = await asyncio.create_subprocess_exec(
            binary(), "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--policies", str(policies), "--data", str(self.directory / "data"),
            stdout=subprocess.PIPE, stderr=self.log,
        )
        self.port = await self._port("listening on")
        self.admin = await self._port("admin on")
        self.drain = asyncio.ensure_future(self._drain())
        return self

    async def _port(self, what: str) -> int:
        while True:
            line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
            if not line:
                raise RuntimeError("serve ended: " + (self.directory / "log").read_text()[-2000:])
            if line.startswith(what):
                return int(re.search(r":(\d+)\s*$", line).group(1))

    async def _drain(self) -> None:
        while await self.process.stdout.readline():
            pass

    async def __aexit__(self, *_) -> None:
        self.drain.cancel()
        for stop in (self.process.terminate, self.process.kill):
            if self.process.returncode is None:
                stop()
                try:
                    await asyncio.wait_for(self.process.wait(), 4)
                except TimeoutError:
                    pass
        self.log.close()
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print("kept", self.directory, file=sys.stderr)

    @classmethod
    async def share_authority(cls) -> None:
        """One authority for all proxies from now on, and for every client of this process that asks OpenSSL."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="authority-"))
        async with cls(9) as proxy:
            for file in (proxy.directory / "data").glob("*.pem"):
                shutil.copy(file, folder)
        cls.authority = folder
        os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")

    async def show(self, session: str, seconds: float = 30) -> dict:
        """The session as the ledger has it, once it has ended there."""
        found = {}
        for _ in range(int(seconds * 4)):
            child = await asyncio.create_subprocess_exec(
                binary(), "sessions", "show", session, "--data", str(self.directory / "data"), "--json",
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            out, _ = await asyncio.wait_for(child.communicate(), 20)
            if child.returncode == 0 and out:
                found = json.loads(out)
                if found.get("ended"):
                    return found
            await asyncio.sleep(0.25)
        return found

    async def held(self) -> int:
        """Bytes that all its sessions hold, by its own word."""
        return sum(int(float(line.rpartition(" ")[2])) for line in (await self.metrics()).splitlines()
                   if line.startswith("turnkeeper_buffer_bytes{"))

    def memory(self) -> int:
        """The most bytes it ever had in memory, by the kernel's word."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    async def metrics(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.admin)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        text = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return text.decode(errors="replace")
