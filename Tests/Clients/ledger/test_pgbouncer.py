"""PgBouncer between the nodes and PostgreSQL, as OPERATING has it: a pool that keeps a connection for
its client."""

import functools
import json
import os
import shutil
import socket
import subprocess
import time

import pytest
import watching
from ports import free_port
from relay import Gemini, Relay
from turnkeeper import PROGRAM, Proxy

until = functools.partial(watching.until, seconds=45)


class Pool:
    def __init__(self, postgres, mode, size):
        self.postgres, self.directory = postgres, postgres.directory / f"pool-{postgres.database}"
        self.directory.mkdir()
        self.program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        self.port = free_port()
        users = self.directory / "users"
        users.write_text(f'"turnkeeper" "{postgres.password}"\n')
        self.file = self.directory / "pgbouncer.ini"
        self.file.write_text(
            f"[databases]\n{postgres.database} = host=127.0.0.1 port={postgres.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {users}\npool_mode = {mode}\n"
            f"default_pool_size = {size}\n"
        )
        for path in (self.directory, users, self.file):
            os.chown(path, postgres.data.stat().st_uid, -1)
        place = f"127.0.0.1:{self.port}/{postgres.database}"
        self.options = (
            *("--ledger", f"postgres://turnkeeper@{place}"),
            *("--ledger-password-file", postgres.password_file),
        )
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*self.postgres.lead, self.program, "-q", self.file],
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "log").open("ab"),
        )
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < deadline, (self.directory / "log").read_text()
            time.sleep(0.05)

    def asked(self, sql):
        said = subprocess.run(
            [
                *(self.postgres.programs / "psql", "-h", "127.0.0.1", "-p", str(self.port)),
                *("-U", "turnkeeper", "-XAtq", "-c", sql, self.postgres.database),
            ],
            env={"PATH": "/usr/bin:/bin", "PGPASSWORD": self.postgres.password},
            **{"check": True, "capture_output": True, "text": True, "timeout": 30},
        )
        return said.stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def pool(postgres):
    started = []

    def start(mode="session", size=20):
        started.append(Pool(postgres, mode, size))
        return started[-1]

    yield start
    for each in started:
        each.stop()


async def one_session(both):
    client, connection = await both.session()
    await client.close()
    await connection.wait_closed()


async def test_nodes_share_a_ledger_through_it(start, postgres, pool):
    through = pool()
    async with Gemini() as gemini:
        nodes = [
            Relay(gemini, start(Proxy, gemini.url, "", *through.options, "--node", name))
            for name in ("a", "b")
        ]
        for node in nodes:
            await one_session(node)
        await until(lambda: postgres.number("SELECT count(*) FROM sessions WHERE ended_us > 0") == 2)
        listed = subprocess.run(
            [PROGRAM, "nodes", *through.options, "--json"], capture_output=True, timeout=30
        )
        assert sorted(node["node"] for node in json.loads(listed.stdout)) == ["a", "b"]
        # It is restarted: an outage like one of PostgreSQL's.
        through.stop()
        await one_session(nodes[0])
        await until(lambda: nodes[0].proxy.count("ledger_success") == 0)
        through.start()
        await until(lambda: postgres.number("SELECT count(*) FROM sessions WHERE ended_us > 0") == 3)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_one_that_shares_connections_is_refused(postgres, pool, mode, tmp_path):
    through = pool(mode)
    for command in ("serve --listen 127.0.0.1:0 --admin off", "usage"):
        words = command.split() + (["--data", tmp_path / "data"] if "serve" in command else [])
        said = subprocess.run(
            [PROGRAM, *words, *through.options], capture_output=True, timeout=30, text=True
        )
        assert said.returncode != 0, said
        assert mode != "transaction" or "pool_mode=session" in said.stderr, said
    # Whoever else uses the pool finds it as it was.
    assert postgres.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'turnkeeper'") == [["0"]]
    assert through.asked("SHOW search_path") == '"$user", public'


async def test_a_full_one_holds_no_start_up(start, postgres, pool):
    """Nobody is there who could share a connection, and that is no mistake."""
    through = pool(size=4)
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", *through.options, "--node", "a")
        await one_session(Relay(gemini, proxy))
        await until(lambda: postgres.number("SELECT count(*) FROM sessions WHERE ended_us > 0") == 1)
