"""Every command of the runbook and of OPERATING.md runs as it stands, against a ledger of a live server."""

import asyncio
import json
import os
import pathlib
import re
import secrets
import shlex
import signal
import subprocess

import pytest
from relay import SETUP, relay, soon
from tenants import session_id
from turnkeeper import PROGRAM, REPOSITORY, START_SECONDS

PAGES = ["docs/RUNBOOK.md", "docs/OPERATING.md"]
# `[ID]` may be left out; a comment says what else there is.
SPAN = re.compile(r"`(turnkeeper [a-z][^`]*)`")
LINE = re.compile(r"^(?: {4})?(turnkeeper [a-z].*)$")


def commands(page):
    """What is between backquotes, and lines that are a command and nothing else."""
    found = []
    for line in (REPOSITORY / page).read_text().splitlines():
        found += LINE.findall(line) or SPAN.findall(line)
    return [command.partition("#")[0].strip() for command in dict.fromkeys(found)]


def test_there_are_commands():
    for page in PAGES:
        assert len(commands(page)) >= 8, page


class Desk:
    """Where an operator sits: the server's own directories under their usual names."""

    def __init__(self, directory, proxy, ended, postgres):
        self.directory, self.proxy, self.ended, self.postgres = directory, proxy, ended, postgres
        self.key = directory / "state-key"
        self.key.write_text(secrets.token_hex(32) + "\n")
        self.key.chmod(0o600)
        os.symlink(proxy.data, directory / ".turnkeeper")
        os.symlink(proxy.log_path.parent / "policies", directory / "Policies")
        os.symlink(proxy.log_path.parent / "policies", directory / "New")

    def words(self, command, id):
        """The command with real things in place of what stands for them."""
        recording = next((self.proxy.data / "recordings").glob(f"{self.ended}*"))
        command = re.sub(r"\.turnkeeper/recordings/\S+", str(recording), command)
        command = command.replace("postgres://turnkeeper@db.example/calls", self.postgres.address)
        command = command.replace("/etc/turnkeeper/db-password", str(self.postgres.password_file))
        command = command.replace("/etc/turnkeeper/state-key", str(self.key))
        command = command.replace("/etc/turnkeeper", "Policies").replace("/var/lib/turnkeeper", "other")
        command = command.replace("0.0.0.0:8443", "127.0.0.1:0").replace(" ...", " --listen 127.0.0.1:0")
        stands_for = {"FILE": str(recording), "ID": id, "[ID]": id, "T": "default", "M": SETUP["setup"]["model"], "DIR": "Policies"}
        words = [stands_for.get(word, word) for word in shlex.split(command)[1:]]
        admin = f"127.0.0.1:{self.proxy.port('admin on')}"
        if words[:2] in (["sessions", "end"], ["sessions", "drain"]):
            words += ["--admin", admin]
        if words[0] == "serve":
            words += ["--admin", "127.0.0.1:0"]
            if "--data" not in words:
                words += ["--data", "other"]
        certificate = f"{self.proxy.data}/server.pem,{self.proxy.data}/server-key.pem"
        return [certificate if word == "server.pem,server-key.pem" else word for word in words]

    def run(self, words):
        """What it says; a server says that it serves, and is ended."""
        process = subprocess.Popen(
            [PROGRAM, *words], cwd=self.directory, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PGPASSWORD": self.postgres.password},
        )
        try:
            said = ""
            if words[0] == "serve":
                for line in process.stdout:
                    said += line
                    if line.startswith("admin on"):
                        process.send_signal(signal.SIGTERM)
                        break
            said += process.communicate(timeout=START_SECONDS)[0]
            return process.returncode, said
        finally:
            process.kill()


@pytest.mark.parametrize("page", PAGES)
async def test_it_runs(start, tmp_path, postgres, page):
    async with relay(start, "log: { record: on }\nbudget: { day_usd: 5 }") as both:
        gone, _ = await both.session()
        await gone.close()
        ended = session_id(gone)
        live, connection = await both.session()
        data = both.proxy.data

        def is_written():
            shown = subprocess.run(
                [PROGRAM, "sessions", "show", ended, "--json", "--data", data],
                capture_output=True, text=True, timeout=60,
            )
            recording = data / "recordings" / f"{ended}.jsonl"
            return (
                shown.returncode == 0 and json.loads(shown.stdout)["ended"]
                and recording.exists() and '"end"' in recording.read_text()
            )

        async with asyncio.timeout(30):
            while not await asyncio.to_thread(is_written):
                await asyncio.sleep(0.1)
        desk = Desk(tmp_path, both.proxy, ended, postgres)
        failed = []
        for command in commands(page):
            is_order = command.split()[1:3] in (["sessions", "end"], ["sessions", "drain"])
            if is_order:
                live, connection = await both.session()
            words = desk.words(command, session_id(live) if is_order else ended)
            status, said = await asyncio.to_thread(desk.run, words)
            if status != 0:
                failed.append((command, status, said))
            if is_order:
                await soon(live.wait_closed())
        assert not failed, failed


def test_no_command_is_left_out():
    """A page that is added to these says what to do as well."""
    others = [
        path for path in pathlib.Path(REPOSITORY / "docs").glob("*.md")
        if f"docs/{path.name}" not in PAGES
    ]
    for path in others:
        for command in commands(f"docs/{path.name}"):
            verb = command.split()[1]
            usage = subprocess.run([PROGRAM, verb, "--help"], capture_output=True, text=True, timeout=60)
            assert usage.returncode == 0, (path.name, command)
