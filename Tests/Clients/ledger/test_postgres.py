"""Books in a PostgreSQL that is stopped, killed, frozen, wrong: no call notices, and each row is there
once."""

import asyncio
import base64
import contextlib
import functools
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
import watching
from ports import free_port
from relay import Gemini, Relay, soon
from turnkeeper import PROGRAM, Askew, Proxy
from watching import freeze

until = functools.partial(watching.until, seconds=45)

SOUND = base64.b64encode(bytes(range(1, 241)) * 20).decode()
PART = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": SOUND}}
ANSWERS = [
    {"serverContent": {"modelTurn": {"parts": [PART]}}},
    {"serverContent": {"generationComplete": True}},
]
END = {
    "serverContent": {"turnComplete": True},
    "usageMetadata": {
        "promptTokenCount": 20,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 20}],
        "responseTokenCount": 5,
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}],
        "totalTokenCount": 25,
    },
}


async def turn(client, connection, words="well?"):
    """A question and its answer."""
    ask = {"turns": [{"role": "user", "parts": [{"text": words}]}], "turnComplete": True}
    await client.send(json.dumps({"clientContent": ask}))
    assert words in str(await soon(connection.recv()))
    for message in (*ANSWERS, END):
        await connection.send(json.dumps(message))
    while "turnComplete" not in str(await soon(client.recv())):
        pass


async def conversation(both, turns):
    client, connection = await both.session()
    for number in range(turns):
        await turn(client, connection, f"well {number}?")
    await client.close()
    await connection.wait_closed()


class Load:
    """Sessions that come and go until told to stop; `slowest` is the longest turn, in seconds."""

    def __init__(self, both):
        self.both, self.turns, self.sessions, self.slowest = both, 0, 0, 0.0
        self.is_over = False

    async def run(self):
        while not self.is_over:
            client, connection = await self.both.session()
            self.sessions += 1
            for _ in range(5):
                began = time.monotonic()
                await turn(client, connection)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.turns += 1
                await asyncio.sleep(0.01)
            await client.close()
            await connection.wait_closed()

    async def during(self, work):
        talking = asyncio.create_task(self.run())
        try:
            await work
        finally:
            self.is_over = True
        await talking


def turnkeeper(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options
    )


def report(postgres, *arguments):
    said = turnkeeper(*arguments, *postgres.options, "--json")
    assert said.returncode == 0, said
    return json.loads(said.stdout)


def api(proxy, path):
    url = f"http://127.0.0.1:{proxy.port('admin on')}{path}"
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


def is_written(proxy):
    return proxy.count("ledger_queue") == 0 and proxy.count("ledger_success") == 1


async def whole(postgres, sessions, turns):
    """All is there: each once, complete, and the numbers of entries over all nodes without a gap."""
    # A session's end is written behind both its peers' backs.
    ended = "SELECT count(ended_us) FROM sessions"
    told = "SELECT count(*) FROM blocks, json_array_elements(entries) e WHERE e->>2 = 'turn_ended'"
    await until(lambda: postgres.number(ended) >= sessions and postgres.number(told) >= turns)
    assert postgres.rows(
        "SELECT count(*), count(DISTINCT id), count(ended_us) FROM sessions"
    ) == [[str(sessions)] * 3]
    assert postgres.number("SELECT count(*) FROM turn WHERE number > 0") == turns
    assert postgres.number(f"SELECT count(*) FROM turn WHERE tokens != 'pt20 ra5'") == 0
    assert postgres.number(told) == turns
    # In one statement, for a node may go on writing.
    numbers = "SELECT number + 1, (SELECT coalesce(sum(count), 0) FROM log) FROM position"
    ((last, count),) = postgres.rows(numbers)
    assert last == count


async def test_all_reports_read_it(start, postgres, tmp_path):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", "one"))
        twin = Relay(gemini, start(Proxy, gemini.url))
        for place in (both, twin):
            await conversation(place, 3)
        client, connection = await both.session()
        await turn(client, connection, "live?")
        await until(lambda: postgres.number("SELECT count(*) FROM turn WHERE number > 0") == 4)
        await until(lambda: postgres.number("SELECT count(ended_us) FROM sessions") == 1)
        assert [row["turns"] for row in report(postgres, "usage")] == [4]
        found = report(postgres, "sessions", "list")
        assert [row["outcome"] for row in found] == [None, "completed"]
        # The node says where its page is once its admin port is open.
        await until(lambda: report(postgres, "sessions", "show", found[1]["id"])["node_page"])
        shown = report(postgres, "sessions", "show", found[1]["id"])

        def listed():
            said = turnkeeper("sessions", "list", "--json", "--data", twin.proxy.data)
            return json.loads(said.stdout)

        await until(lambda: listed() and listed()[0]["ended"])
        twin_list = listed()
        twin_shown = json.loads(
            turnkeeper(
                *("sessions", "show", twin_list[0]["id"], "--json", "--data", twin.proxy.data)
            ).stdout
        )
        # The same conversation, but for when and where it was, and how it is called.
        assert shown.pop("node") == "one" and twin_shown.pop("node") is None
        page = f"http://127.0.0.1:{both.proxy.port('admin on')}"
        assert shown.pop("node_page") == page and twin_shown.pop("node_page") is None
        assert plain(shown) == plain(twin_shown)
        assert api(both.proxy, "/api/usage")[0]["cost_usd"] == report(postgres, "usage")[0]["cost_usd"]
        assert api(both.proxy, "/api/sessions") == report(postgres, "sessions", "list")
        answer = api(both.proxy, f"/api/sessions/{found[1]['id']}")
        assert answer.pop("node") == "one" and answer.pop("node_page") == page
        assert plain(answer) == plain(twin_shown)
        bundle = tmp_path / "bundle.json"
        said = turnkeeper(
            *("bundle", found[1]["id"], *postgres.options, "--out", bundle),
            *("--policies", both.proxy.option("--policies")),
        )
        assert said.returncode == 0 and len(json.loads(bundle.read_text())["receipts"]) == 3, said
        followed = subprocess.Popen(
            [PROGRAM, "sessions", "follow", found[0]["id"], *map(str, postgres.options), "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        await client.close()
        lines, _ = await asyncio.to_thread(followed.communicate, timeout=30)
        words = [json.loads(line)["what"] for line in lines.splitlines()]
        assert followed.returncode == 0 and words.count("turn_ended") == 1
        assert words[0] == "dialing" and words[-1] == "ended", words
        assert "libpq" not in maps(twin.proxy) and "libpq" in maps(both.proxy)


async def test_a_start_that_fails_accepts_nobody(postgres, tmp_path):
    """Where the ledger must be kept and the local file cannot be: the file is named, and no client is
    let in only to be cut off."""
    data, policies, port = tmp_path / "data", tmp_path / "policies", free_port()
    for directory in (data, policies):
        directory.mkdir(mode=0o700)
    (policies / "default.yaml").write_text("upstream: { url: ws://127.0.0.1:9 }\n")
    os.mkfifo(data / "spool.db")
    serve = [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--policies", policies]
    serve += ["--data", data, *postgres.options]
    with subprocess.Popen(list(map(str, serve)), stderr=subprocess.PIPE, text=True) as process:
        answered = 0
        while process.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                answered += 1
        said = process.stderr.read()
    assert process.returncode == 1 and answered == 0, (answered, said)
    assert f"opening {data / 'spool.db'}" in said and f"free space on the disk of {data}" in said
    # Not required, it is kept as soon as it can be.
    more = ("--data", data, *postgres.options, "--ledger-required", "no")
    log = tmp_path / "log"
    with open(log, "wb") as stderr:
        lenient = subprocess.Popen([*map(str, serve[:8]), *map(str, more)], stderr=stderr)
    try:
        await until(lambda: is_answering(port))
        assert "the ledger cannot be written" in log.read_text()
        (data / "spool.db").unlink()
        await until(lambda: "the ledger is written again" in log.read_text())
    finally:
        lenient.terminate()
        assert await asyncio.to_thread(lenient.wait, 30) == 0


def is_answering(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def maps(proxy):
    with open(f"/proc/{proxy.process.pid}/maps") as file:
        return file.read()


def plain(value):
    """Without ids, times and durations."""
    if isinstance(value, dict):
        times = {"id", "started", "ended", "opened", "closed", "at", "t", "n_event", "number"}
        moments = {"first_audio", "ended_input", "state_since", "seconds"}
        return {
            name: plain(member)
            for name, member in value.items()
            if name not in times | moments
        }
    if isinstance(value, list):
        return [plain(member) for member in value]
    return re.sub(r"[0-9.]+ ?m?s\b", "", value) if isinstance(value, str) else value


async def test_it_is_stopped_for_a_while_and_killed_in_mid_batch(start, postgres):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        load = Load(both)

        async def trouble():
            await asyncio.sleep(1)
            for end in (postgres.stop, postgres.kill, postgres.kill):
                await asyncio.to_thread(end)
                await until(lambda: both.proxy.count("ledger_success") == 0)
                await until(lambda: both.proxy.count("ledger_queue") > 10)
                url = f"http://127.0.0.1:{both.proxy.port('admin on')}/readyz"
                with urllib.request.urlopen(url, timeout=10) as answer:
                    assert b"database cannot be written" in answer.read()
                await asyncio.to_thread(postgres.start)
                await until(lambda: both.proxy.count("ledger_success") == 1)

        await load.during(trouble())
        await until(lambda: is_written(both.proxy))
        assert load.slowest < 5
        await whole(postgres, load.sessions, load.turns)
        assert both.proxy.count("ledger_lost_total") == 0
        await until(
            lambda: both.proxy.log_path.read_text().count("the ledger's database is written again") >= 3
        )
        log = both.proxy.log_path.read_text()
        assert log.count("the ledger's database cannot be written") == 3
        assert log.count("the ledger's database is written again") == 3


async def test_it_answers_nobody(start, postgres):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        await conversation(both, 2)
        over = "SELECT count(*) FROM sessions WHERE ended_us IS NOT NULL"
        await until(lambda: postgres.number(over) == 1)
        await asyncio.to_thread(postgres.pause, True)
        began = time.monotonic()
        await conversation(both, 5)
        assert time.monotonic() - began < 10
        both.proxy.process.terminate()
        assert await asyncio.to_thread(both.proxy.process.wait, 30) == 0
        both.proxy.end()
        await asyncio.to_thread(postgres.pause, False)
        # What it could not send is sent by the next.
        again = start(Proxy, gemini.url, "", *postgres.options, data=both.proxy.data)
        await until(lambda: is_written(again))
        await whole(postgres, 2, 7)


async def test_a_second_signal_cuts_off_and_books_it(start, postgres):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        sides = [await both.session() for _ in range(12)]
        for client, connection in sides:
            await turn(client, connection)
        # All of them speak, so that a drain would wait.
        for client, _ in sides:
            content = {"turns": [{"role": "user", "parts": [{"text": "and?"}]}], "turnComplete": True}
            await client.send(json.dumps({"clientContent": content}))
        await asyncio.gather(*(soon(connection.recv()) for _, connection in sides))
        process = both.proxy.process
        process.terminate()
        await until(lambda: not both.proxy.is_pending(signal.SIGTERM))
        process.terminate()
        assert await asyncio.to_thread(process.wait, 30) == 0
        both.proxy.end()
        # Not at the next start, which may never come.
        ends = "SELECT outcome || ' ' || close_code || ' ' || count(*) FROM sessions GROUP BY outcome, close_code"
        assert postgres.psql(ends).stdout.strip() == "stopped 1001 12"
        assert postgres.number("SELECT count(*) FROM turns WHERE ended_us IS NOT NULL") == 24


async def test_a_node_that_stands_still_in_mid_batch_holds_up_no_other(start, postgres):
    """It has the row that orders all batches; the server ends it, and it sends again when it goes on."""
    async with Gemini() as gemini:
        one, two = (
            Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", name))
            for name in ("one", "two")
        )
        await conversation(one, 1)
        await conversation(two, 1)
        await whole(postgres, 2, 2)
        held = "BEGIN; SELECT * FROM position FOR UPDATE; SELECT pg_sleep(3); COMMIT"
        holding = asyncio.create_task(asyncio.to_thread(postgres.psql, held))
        await until(lambda: postgres.number(f"SELECT count(*) FROM pg_stat_activity WHERE query = '{held}'") == 1)
        await conversation(one, 1)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND application_name = 'turnkeeper'"
        )
        await until(lambda: postgres.number(waiting) == 1)
        freeze(one.proxy.process)
        try:
            await holding
            idle = (
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                " AND application_name = 'turnkeeper'"
            )
            await until(lambda: postgres.number(idle) == 1)
            await conversation(two, 3)
            await until(lambda: is_written(two.proxy))
            await whole(postgres, 3, 5)
        finally:
            one.proxy.process.send_signal(signal.SIGCONT)
        await until(lambda: is_written(one.proxy))
        await whole(postgres, 4, 6)


async def test_two_nodes_and_one_is_killed(start, postgres):
    async with Gemini() as gemini:
        nodes = [
            Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", name))
            for name in ("one", "two")
        ]
        await asyncio.gather(*(conversation(node, 20) for node in nodes for _ in range(4)))
        client, connection = await nodes[0].session()
        await turn(client, connection)
        await until(lambda: all(is_written(node.proxy) for node in nodes))
        await turn(client, connection)
        nodes[0].proxy.process.kill()
        nodes[0].proxy.process.wait()
        nodes[0].proxy.end()
        await conversation(nodes[1], 3)
        again = start(
            *(Proxy, gemini.url, "", *postgres.options, "--node", "one"), data=nodes[0].proxy.data
        )
        await conversation(Relay(gemini, again), 1)
        await until(lambda: is_written(nodes[1].proxy) and is_written(again))
        outcomes = "SELECT outcome, count(*) FROM sessions GROUP BY 1 ORDER BY 1"
        await until(lambda: postgres.rows(outcomes) == [["completed", "10"], ["unfinished", "1"]])
        # Of the last turn only the last second may be missing.
        turns = postgres.number("SELECT count(*) FROM turn WHERE number > 0")
        assert turns in (165, 166)
        assert postgres.rows("SELECT node, count(*) FROM sessions GROUP BY 1 ORDER BY 1") == [
            ["one", "6"],
            ["two", "5"],
        ]
        # Both pages show all.
        for proxy in (again, nodes[1].proxy):
            assert len(api(proxy, "/api/sessions")) == 11
        assert "give each its own --node" not in again.log_path.read_text()


def refused(tmp_path, *arguments, **options):
    (tmp_path / "policies").mkdir(exist_ok=True)
    if "--data" not in arguments:
        arguments += ("--data", tmp_path / "data")
    return turnkeeper(
        *("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"),
        *("--policies", tmp_path / "policies", *arguments),
        **options,
    )


def test_what_cannot_be_written_is_refused_in_a_line(postgres, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("no-such-password\n")
    wrong.chmod(0o600)
    shared = tmp_path / "shared"
    shared.write_text("no-such-password\n")
    shared.chmod(0o660)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "spool.db").write_bytes(b"no database" * 500)
    free = postgres.address.replace(str(postgres.port), "1")
    postgres.psql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    latin = postgres.address.rpartition("/")[0] + "/latin"
    away, wants = "--ledger-required no", "OPERATING.md"
    for arguments, words, cure in [
        (("--ledger", postgres.address, "--ledger-password-file", wrong), "password authentication", wants),
        (("--ledger", free, "--ledger-password-file", wrong), "onnection refused", away),
        (("--ledger", postgres.address + "x", *postgres.options[2:]), "does not exist", wants),
        (("--ledger", latin, *postgres.options[2:]), "encoding is not UTF8", wants),
        (("--ledger", postgres.address, "--ledger-password-file", tmp_path / "no"), "cannot be read", wants),
        (("--ledger", postgres.address, "--ledger-password-file", shared), "written by group", "chmod go-w"),
        (("--ledger", "service=nowhere"), "nowhere", wants),
        ((*postgres.options, "--data", damaged), "not a database", f"mv {damaged}/spool.db "),
    ]:
        said = refused(tmp_path, *arguments)
        assert said.returncode == 1, said
        line, hint = said.stderr.strip().split("\n")[-2:]
        assert words in line and cure in hint, said.stderr
        assert postgres.password not in said.stderr and "no-such-password" not in said.stderr
    for address in (f"postgres://u:{postgres.password}@127.0.0.1/d", "mysql://db", "postgres:/d"):
        said = refused(tmp_path, "--ledger", address)
        assert said.returncode == 2 and "Try:" in said.stderr, said
        assert postgres.password not in said.stderr + said.stdout
    # Made by a program of the future.
    postgres.renew()
    assert turnkeeper("usage", *postgres.options).returncode == 1
    data = tmp_path / "data"
    postgres.psql(
        "CREATE SCHEMA turnkeeper; CREATE TABLE version (number int, oldest int); "
        "INSERT INTO version VALUES (99, 98)"
    )
    for said in (refused(tmp_path, *postgres.options), turnkeeper("usage", *postgres.options)):
        assert said.returncode == 1 and "version 99 is newer" in said.stderr, said
    assert postgres.number("SELECT count(*) FROM version") == 1
    assert not (data / "ledger.db").exists()


async def test_what_cannot_be_written_is_refused_where_there_are_tables_already(
    start, postgres, tmp_path
):
    async with Gemini() as gemini:
        start(Proxy, gemini.url, "", *postgres.options).end()
    postgres.psql("ALTER ROLE turnkeeper SET default_transaction_read_only TO on")
    said = refused(tmp_path, *postgres.options)
    assert said.returncode == 1 and "is read-only" in said.stderr, said
    postgres.psql("ALTER ROLE turnkeeper RESET default_transaction_read_only")
    postgres.psql(
        f"DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN PASSWORD '{postgres.password}'; "
        "GRANT USAGE ON SCHEMA turnkeeper TO weak; GRANT SELECT, INSERT, UPDATE, DELETE "
        "ON ALL TABLES IN SCHEMA turnkeeper TO weak; REVOKE INSERT ON turn, orders FROM weak"
    )
    address = postgres.address.replace("turnkeeper@", "weak@")
    said = refused(
        tmp_path, "--ledger", address, "--ledger-password-file", postgres.password_file
    )
    assert said.returncode == 1 and "may not read and write orders, turn:" in said.stderr, said
    postgres.psql("DROP OWNED BY weak; DROP ROLE weak")


async def test_what_it_says_while_connecting_is_not_in_the_log(start, postgres):
    """A server whose C library was updated warns every newcomer."""
    postgres.psql("UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()")
    assert "collation version" in postgres.psql("SELECT 1").stderr
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        await conversation(both, 1)
        await until(lambda: postgres.number("SELECT count(*) FROM turn WHERE number > 0") == 1)
        assert "collation version" not in both.proxy.log_path.read_text()
    said = turnkeeper("usage", *postgres.options)
    assert said.returncode == 0 and not said.stderr, said


async def test_nodes_that_start_together_make_one_ledger(start, postgres):
    """Each sees in time what another has just made."""
    async with Gemini() as gemini:
        for _ in range(3):
            postgres.renew()
            starting = (
                asyncio.to_thread(start, Proxy, gemini.url, "", *postgres.options, "--node", name)
                for name in ("one", "two", "three", "four")
            )
            for node in await asyncio.gather(*starting):
                await conversation(Relay(gemini, node), 1)
                await until(lambda: is_written(node))
                node.end()
            await whole(postgres, 4, 4)


@pytest.mark.parametrize("apart, seconds, told", [
    ("+100d", 8_640_000, "ahead of"), ("+1h", 3600, "ahead of"), ("-1h", 3600, "behind"),
])
async def test_a_node_whose_clock_is_wrong_drops_nothing(start, postgres, apart, seconds, told):
    kind = type("Askew", (Askew, Proxy), {"apart": apart})
    said = re.compile(rf"this machine's clock is (\d+) s {told} the database's")
    async with Gemini() as gemini:
        one = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", "one"))
        client, connection = await one.session()
        await turn(client, connection)
        await conversation(one, 2)
        await until(lambda: is_written(one.proxy))
        # What it says of its clock it says before it looks for days to drop, and sends after both.
        two = Relay(gemini, start(kind, gemini.url, "", *postgres.options, "--node", "two"))
        await until(lambda: said.search(two.proxy.log_path.read_text()))
        await conversation(two, 1)
        await until(lambda: is_written(two.proxy))
        await turn(client, connection)
        await client.close()
        await connection.wait_closed()
        await until(lambda: is_written(one.proxy))
        await whole(postgres, 3, 5)
        # One line, and the other one has nothing to say of it.
        (by,) = said.findall(two.proxy.log_path.read_text())
        assert abs(int(by) - seconds) < 60
        assert "clock" not in one.proxy.log_path.read_text()


async def test_what_somebody_has_dropped_is_made_again(start, postgres):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        await conversation(both, 1)
        await until(lambda: is_written(both.proxy))
        postgres.psql("DROP SCHEMA turnkeeper CASCADE")
        await conversation(both, 2)
        # The first session may have written its end since. There is no table until they are made again.
        turns = "SELECT count(*) FROM turn WHERE number > 0"
        await until(lambda: postgres.psql(turns, check=False).stdout.strip() in ("2", "3"))
        await until(lambda: is_written(both.proxy))


async def test_a_node_that_may_starts_without_it_and_catches_up(start, postgres):
    postgres.psql("ALTER ROLE turnkeeper SET default_transaction_read_only TO on")
    async with Gemini() as gemini:
        arguments = (*postgres.options, "--ledger-required", "no")
        both = Relay(gemini, start(Proxy, gemini.url, "", *arguments))
        await conversation(both, 3)
        await until(lambda: "read-only" in both.proxy.log_path.read_text())
        await until(lambda: both.proxy.count("ledger_queue") > 3)
        postgres.psql("ALTER ROLE turnkeeper RESET default_transaction_read_only")
        postgres.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid() "
            "AND usename = 'turnkeeper'"
        )
        await until(lambda: is_written(both.proxy))
        await whole(postgres, 1, 3)


async def test_one_that_takes_nothing_is_not_called_writable_before_it_is(start, postgres):
    """Nothing waits for it meanwhile; its connection lives."""
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        await conversation(both, 1)
        await until(lambda: is_written(both.proxy))

        def forbid(is_forbidden):
            postgres.psql(
                f"ALTER ROLE turnkeeper SET default_transaction_read_only TO {'on' if is_forbidden else 'off'}"
            )
            postgres.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid() "
                "AND usename = 'turnkeeper'"
            )

        def said(words):
            return both.proxy.log_path.read_text().count(words)

        forbid(True)
        try:
            await until(lambda: said("the ledger's database cannot be written"))
            # It greets every five seconds, and this is twice as long.
            for _ in range(20):
                await asyncio.sleep(0.5)
                assert both.proxy.count("ledger_success") == 0
                assert not said("the ledger's database is written again")
        finally:
            forbid(False)
        await until(lambda: said("the ledger's database is written again"))
        # What nodes share has a connection of its own, which is tried again at its own pace.
        await until(lambda: both.proxy.count("ledger_success") == 1)
        assert said("the ledger's database cannot be written") == 1


async def test_books_of_a_file_are_copied(start, postgres):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url))
        await asyncio.gather(*(conversation(both, 5) for _ in range(20)))
        client, connection = await both.session()
        await turn(client, connection)
        copy = ("ledger", "copy", "--from", both.proxy.data, "--to", postgres.address)
        copy += postgres.options[2:]

        def usage():
            return turnkeeper("usage", "--json", "--data", both.proxy.data).stdout

        def listed():
            said = turnkeeper("sessions", "list", "--json", "--limit", 100, "--data", both.proxy.data)
            return json.loads(said.stdout)

        await until(lambda: sum(bool(session["ended"]) for session in listed()) == 20)
        await until(lambda: sum(row["turns"] for row in json.loads(usage())) == 101)
        said = [turnkeeper(*copy).stdout for _ in range(2)]
        assert said[0] == said[1] and said[0].startswith("copied 20 sessions to "), said
        assert "1 that have not ended" in said[0]
        await client.close()
        both.proxy.end()
        said = turnkeeper(*copy)
        assert said.stdout.startswith("copied 21 sessions to "), said
        await whole(postgres, 21, 101)
        assert json.loads(usage()) == report(postgres, "usage")
        # A node that uses the copy goes on with it.
        again = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options))
        await conversation(again, 2)
        await until(lambda: report(postgres, "usage")[0]["turns"] == 103)


@pytest.mark.parametrize("words", [(), ("copy",), ("copy", "--to", "sqlite"), ("move",)])
def test_what_copies_nothing_says_so(words):
    said = turnkeeper("ledger", *words)
    assert said.returncode == 2 and "Try: turnkeeper ledger copy" in said.stderr, said
