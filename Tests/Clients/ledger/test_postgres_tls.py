"""Off this machine PostgreSQL must prove by its certificate that it is the server that was named."""

import functools
import os
import subprocess

import pytest
import watching
from database import HOST
from relay import Gemini, Relay
from turnkeeper import PROGRAM, Proxy

until = functools.partial(watching.until, seconds=30)


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
