"""A PostgreSQL of the tests' own: on loopback, in a directory of its own, stopped and killed at will."""

import os
import pathlib
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from ports import free_port

VERSIONS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
USER = "turnkeeper"


class Postgres:
    """Asks everybody for a password, which is in `password_file`."""

    def __init__(self):
        if not VERSIONS:
            pytest.fail("there is no PostgreSQL: apt-get install postgresql")
        self.programs = VERSIONS[-1].parent
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tests-postgres-"))
        self.data = self.directory / "data"
        self.password = secrets.token_hex(12)
        self.password_file = self.directory / "password"
        self.password_file.write_text(self.password + "\n")
        self.password_file.chmod(0o600)
        self.process = None
        # It refuses to run as root.
        self.lead = []
        if os.geteuid() == 0:
            who = next(who for who in pwd.getpwall() if who.pw_name in ("postgres", "nobody"))
            for path in (self.directory, self.password_file):
                os.chown(path, who.pw_uid, who.pw_gid)
            self.lead = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
        self.run(
            *("initdb", "-D", self.data, "-U", USER, "-A", "scram-sha-256", "-E", "UTF8"),
            *(f"--pwfile={self.password_file}", "--locale=C.UTF-8", "--no-sync"),
        )
        self.port = free_port()
        self.databases = 0
        self.database = "postgres"
        self.start()

    def renew(self):
        """Another, empty database."""
        self.databases += 1
        self.psql(f"CREATE DATABASE books_{self.databases} TEMPLATE template0")
        self.database = f"books_{self.databases}"
        self.address = f"postgres://{USER}@127.0.0.1:{self.port}/{self.database}"
        self.options = ("--ledger", self.address, "--ledger-password-file", self.password_file)

    def run(self, program, *arguments):
        subprocess.run(
            [*self.lead, self.programs / program, *arguments],
            **{"cwd": self.directory, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}},
            **{"check": True, "timeout": 60, "stdout": subprocess.DEVNULL},
        )

    def start(self):
        self.process = subprocess.Popen(
            [
                *(*self.lead, self.programs / "postgres", "-D", self.data, "-p", str(self.port)),
                *("-k", self.directory, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            ],
            cwd=self.directory,
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "log").open("ab"),
        )
        deadline = time.monotonic() + 30
        while self.psql("SELECT 1", check=False).returncode != 0:
            assert time.monotonic() < deadline, (self.directory / "log").read_text()[-2000:]
            time.sleep(0.05)

    def stop(self):
        """In order: connections end, and what was promised is kept."""
        self.end(signal.SIGINT)

    def kill(self):
        """At once; every process of it dies where it is."""
        self.end(signal.SIGQUIT)

    def end(self, how):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def pause(self, is_paused):
        """It takes connections and answers nobody; or goes on."""
        if is_paused:
            # First, so that it has no child that is not seen here.
            self.process.send_signal(signal.SIGSTOP)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split()
        for process in [*map(int, children), self.process.pid]:
            try:
                os.kill(process, signal.SIGSTOP if is_paused else signal.SIGCONT)
            except ProcessLookupError:
                continue

    def psql(self, sql, check=True):
        return subprocess.run(
            [
                *(self.programs / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER),
                *("-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, self.database),
            ],
            env={
                "PATH": "/usr/bin:/bin",
                "PGPASSWORD": self.password,
                "PGOPTIONS": "-c search_path=turnkeeper -c default_transaction_read_only=off",
            },
            **{"check": check, "capture_output": True, "text": True, "timeout": 60},
        )

    def rows(self, sql):
        return [line.split("|") for line in self.psql(sql).stdout.splitlines()]

    def number(self, sql):
        return int(self.rows(sql)[0][0])

    def remove(self):
        self.pause(False)
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)
