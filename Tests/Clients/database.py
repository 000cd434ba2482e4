"""A PostgreSQL of the tests' own: on loopback, in a directory of its own, stopped and killed at will."""

import contextlib
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
from watching import freeze

VERSIONS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
USER = "turnkeeper"
# A name that is not this machine's.
HOST = "db.example"


def is_alive(process):
    """And not waiting for somebody to ask how it ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(") ")[1][0] not in "ZX"
    return False


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
        self.signal_all(signal.SIGSTOP if is_paused else signal.SIGCONT)

    def crash(self):
        """As if the machine had failed: nobody is asked, and nobody cleans up."""
        everybody = self.signal_all(signal.SIGKILL)
        self.process.wait(30)
        # Its memory is shared until the last of them is gone.
        deadline = time.monotonic() + 30
        while any(map(is_alive, everybody)):
            assert time.monotonic() < deadline, everybody
            time.sleep(0.01)

    def signal_all(self, number):
        """Returns who they are."""
        if number != signal.SIGCONT:
            # First, so that it has no child that is not seen here: a signal takes a moment.
            freeze(self.process)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split()
        everybody = [*map(int, children), self.process.pid]
        for process in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        return everybody

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

    def contents(self):
        """All rows of its present database, as text."""
        return self.dump("--inserts", "--data-only")

    def dump(self, *options):
        place = f"-h 127.0.0.1 -p {self.port} -U {USER} --lock-wait-timeout=30s {self.database}".split()
        done = subprocess.run(
            [self.programs / "pg_dump", *options, *place],
            env={"PGPASSWORD": self.password}, capture_output=True, timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def remove(self):
        self.pause(False)
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)


class Secured:
    """A `Postgres` that takes nothing but TLS from clients on TCP once `certificate` was called."""

    def __init__(self, postgres, authority):
        self.postgres, self.authority = postgres, authority

    def certificate(self, files):
        """Serves with these two files from now on; without any, without TLS."""
        settings = {"ssl": "on" if files else "off"}
        if files:
            for name, file in zip(("ssl_cert_file", "ssl_key_file"), files):
                own = self.postgres.data / file.name
                own.write_bytes(file.read_bytes())
                own.chmod(0o600)
                os.chown(own, self.postgres.data.stat().st_uid, -1)
                settings[name] = str(own)
        for name, value in settings.items():
            self.postgres.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.postgres.stop()
        self.postgres.start()

    def address(self, more="", host=HOST):
        """One that leads to loopback, by a name that is not this machine's."""
        place = f"{host}:{self.postgres.port}/{self.postgres.database}?hostaddr=127.0.0.1"
        return f"postgres://turnkeeper@{place}{more}"

    def options(self, address):
        return "--ledger", address, "--ledger-password-file", self.postgres.password_file

    def is_encrypted(self):
        """Of each connection of ours."""
        return self.postgres.rows(
            "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
            "WHERE application_name = 'turnkeeper'"
        )

    @contextlib.contextmanager
    def nobody_asks(self):
        """No password, no query: not even the beginning of a session."""
        self.postgres.psql("ALTER SYSTEM SET log_connections = on")
        self.postgres.psql("SELECT pg_reload_conf()")
        log = self.postgres.directory / "log"
        before = log.read_text().count("connection authenticated")
        yield
        self.postgres.psql("ALTER SYSTEM RESET log_connections")
        # The question of this test itself is counted as well.
        assert log.read_text().count("connection authenticated") == before + 1
