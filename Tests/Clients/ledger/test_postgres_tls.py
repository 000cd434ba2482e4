"""Off this machine PostgreSQL must prove by its certificate that it is the server that was named."""

import contextlib
import functools
import os
import subprocess

import pytest
import watching
from certificates import Authority
from relay import Gemini, Relay
from turnkeeper import PROGRAM, Proxy

HOST = "db.example"

until = functools.partial(watching.until, seconds=30)


@pytest.fixture
def secured(postgres, tmp_path):
    """`postgres`, which takes nothing but TLS from clients on TCP when `certificate` was called."""
    with_tls = Secured(postgres, Authority(tmp_path))
    yield with_tls
    with_tls.certificate(None)


class Secured:
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


def usage(options, **environment):
    return subprocess.run(
        [PROGRAM, "usage", *options],
        **{"env": {**os.environ, **environment}, "timeout": 30, "capture_output": True, "text": True},
    )


async def test_a_server_that_proves_itself_is_used_over_tls(start, secured):
    secured.certificate(secured.authority.issue(host=HOST))
    options = secured.options(secured.address(f"&sslrootcert={secured.authority.ca}"))
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *options, "--node", "one"))
        client, connection = await both.session()
        await client.close()
        await connection.wait_closed()
        await until(lambda: secured.postgres.number("SELECT count(*) FROM sessions") == 1)
        assert secured.is_encrypted() == [["t"]]


@pytest.mark.parametrize(
    "case", ["a stranger's authority", "another name", "expired", "without TLS"]
)
def test_one_that_does_not_is_told_nothing(secured, case):
    days = -1 if case == "expired" else 30
    if case == "without TLS":
        pass
    elif case == "another name":
        secured.certificate(secured.authority.issue(host="other.example"))
    else:
        secured.certificate(secured.authority.issue(days, HOST))
    root = "" if case == "a stranger's authority" else f"&sslrootcert={secured.authority.ca}"
    why = {
        "a stranger's authority": "certificate verify failed",
        "another name": 'does not match host name "db.example"',
        "expired": "certificate",
        "without TLS": "server does not support SSL, but SSL was required",
    }[case]
    with secured.nobody_asks():
        said = usage(secured.options(secured.address(root)))
        assert said.returncode != 0 and why in said.stderr, said
        assert "?sslrootcert=FILE" in said.stderr and len(said.stderr.splitlines()) == 1, said


@pytest.mark.parametrize("place", ["service=calls", "postgres:///?service=calls", "PGHOST"])
def test_what_the_address_leaves_out_does_not_weaken_it(secured, tmp_path, place):
    """Without TLS at the server: wherever its name is from, the certificate is missed."""
    postgres = secured.postgres
    service = tmp_path / "services"
    service.write_text(
        f"[calls]\nhost={HOST}\nhostaddr=127.0.0.1\nport={postgres.port}\n"
        f"dbname={postgres.database}\nuser=turnkeeper\n"
    )
    environment = {"PGSERVICEFILE": str(service)}
    address = place
    if place == "PGHOST":
        address = f"postgres://turnkeeper@/{postgres.database}"
        environment = {"PGHOST": HOST, "PGHOSTADDR": "127.0.0.1", "PGPORT": str(postgres.port)}
    with secured.nobody_asks():
        said = usage(secured.options(address), **environment)
        assert said.returncode != 0 and "SSL was required" in said.stderr, said
    # A weaker mode is somebody's decision, written out.
    if place == "service=calls":
        service.write_text(service.read_text() + "sslmode=prefer\n")
    elif place == "PGHOST":
        address += "?sslmode=prefer"
    else:
        address += "&sslmode=prefer"
    said = usage(secured.options(address), **environment)
    assert "SSL" not in said.stderr, said
