"""One data directory, one process; and the next one, which takes its place without a gap."""

import asyncio
import http.client
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request

import pytest
import watching
from ports import free_port
from relay import SETUP, Gemini, Relay, closed, soon
from rest_gemini import RESTGemini
from turnkeeper import PATH, PROGRAM, Program, Proxy
from watching import freeze
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


def refused(proxy, *arguments):
    return subprocess.run(
        [PROGRAM, *proxy.arguments[1:], *arguments], capture_output=True, text=True, timeout=30
    )


def successor(proxy, tmp_path, *arguments, admin="127.0.0.1:0"):
    """The same command again, told to take over."""
    place = proxy.arguments.index("--admin")
    same = proxy.arguments[1:place] + proxy.arguments[place + 2 :]
    return Heir(tmp_path, *same, "--admin", admin, "--take-over", *arguments)


class Heir(Program):
    def __init__(self, directory, *arguments):
        super().__init__(*arguments, log=directory / "heir.log")
        self.listening = self.port("listening on")
        self.address = ("127.0.0.1", self.listening)
        self.ws = f"ws://127.0.0.1:{self.listening}"
        self.http = f"http://127.0.0.1:{self.listening}"

    metrics = Proxy.metrics
    count = Proxy.count


async def test_a_second_process_is_refused_and_the_first_is_well(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        said = refused(proxy)
        assert said.returncode == 1 and str(proxy.process.pid) in said.stderr, said
        assert "--take-over" in said.stderr
        both = Relay(gemini, proxy)
        await both.assert_passes(*await both.session())


async def test_a_process_that_died_leaves_no_lock(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        proxy.process.kill()
        proxy.process.wait()
        proxy.end()
        again = start(Proxy, gemini.url, data=proxy.data)
        both = Relay(gemini, again)
        await both.assert_passes(*await both.session())


async def test_who_comes_while_the_holder_leaves_serves_at_once_and_keeps_the_books(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "5s")
        both = Relay(gemini, proxy)
        client, connection = await both.session()
        # In the middle of a turn, so that the drain waits for it.
        await client.send(json.dumps({"clientContent": {"turns": [], "turnComplete": True}}))
        await soon(connection.recv())
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert proxy.process.poll() is None
        again = start(Proxy, gemini.url, data=proxy.data)
        second = Relay(gemini, again)
        other, far = await second.session()
        await second.assert_passes(other, far)
        name = other.response.headers["x-turnkeeper-session"].split(".")[0]
        await closed(client, 30)
        await asyncio.to_thread(proxy.process.wait, 30)
        proxy.end()
        await second.assert_passes(other, far)
        await other.close()
        async with asyncio.timeout(20):
            while again.count("ledger_queue") or not books(again.data, name):
                await asyncio.sleep(0.2)
        assert again.count("ledger_lost_total") == 0


def books(data, name):
    with sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True) as ledger:
        return ledger.execute("SELECT count(*) FROM sessions WHERE id = ?", (name,)).fetchone()[0]


ANSWER = '{"serverContent":{"modelTurn":{"parts":[{"text":"yes"}]},"turnComplete":true}}'


async def answer(gemini):
    """Every connection's every question, for as long as the test lasts."""

    async def talk(connection):
        try:
            async for _ in connection:
                await connection.send(ANSWER)
        except ConnectionClosed:
            pass

    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(talk(await gemini._connections.get()))


async def test_no_client_is_refused_or_cut_as_the_next_process_takes_over(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "5s", "--workers", "2")
        answering = asyncio.create_task(answer(gemini))
        served, failed, isOver = [], [], False

        async def come_and_go(number):
            while not isOver:
                try:
                    async with connect(proxy.ws + PATH, proxy=None, open_timeout=20) as client:
                        await client.send(json.dumps(SETUP))
                        await soon(client.recv())
                        await client.send('{"clientContent":{"turns":[],"turnComplete":true}}')
                        await soon(client.recv())
                        served.append(client.response.headers["x-turnkeeper-session"])
                except Exception as wrong:
                    failed.append(repr(wrong))
                # Faster, and they would be told that nobody starts so many sessions.
                await asyncio.sleep(0.4)

        clients = [asyncio.create_task(come_and_go(number)) for number in range(30)]
        await watching.until(lambda: served)
        before = len(served)
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            assert heir.listening == proxy.listening
            await asyncio.to_thread(proxy.process.wait, 60)
            assert proxy.process.returncode == 0
            proxy.was_ended = True
            await asyncio.sleep(1)
            isOver = True
            await asyncio.gather(*clients)
            assert failed == []
            assert before > 0 and len(served) > before
            async with asyncio.timeout(20):
                while await asyncio.to_thread(heir.count, "ledger_queue"):
                    await asyncio.sleep(0.2)
            assert await asyncio.to_thread(heir.count, "ledger_lost_total") == 0
            for name in served:
                await watching.until(lambda: books(proxy.data, name.split(".")[0]) == 1)
            # And the one after that.
            third = tmp_path / "third"
            third.mkdir()
            last = await asyncio.to_thread(successor, proxy, third)
            try:
                async with connect(f"{last.ws}{PATH}", proxy=None) as client:
                    await client.send(json.dumps(SETUP))
                    await soon(client.recv())
            finally:
                last.end()
        finally:
            answering.cancel()
            heir.end()


async def test_what_the_old_process_still_spends_counts_at_once_with_the_new_one(start, tmp_path):
    """So that a budget holds while both have sessions."""

    async def bill(connection, tokens, more):
        details = [{"modality": "AUDIO", "tokenCount": tokens}]
        usage = {"promptTokenCount": 1, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
                 "responseTokenCount": tokens, "totalTokenCount": tokens + 1, "responseTokensDetails": details}
        await connection.send(json.dumps({"serverContent": more, "usageMetadata": usage}))
        await soon(client.recv())

    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "budget: { day_usd: 100 }", "--drain", "60s")
        client, connection = await Relay(gemini, proxy).session()
        await client.send(json.dumps({"clientContent": {"turns": [], "turnComplete": True}}))
        await soon(connection.recv())
        sound = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}]}}
        await bill(connection, 100_000, sound)
        await watching.until(lambda: proxy.count("budget_used_usd") > 0)
        base = proxy.count("budget_used_usd")
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            # Twice, and once more with the end.
            for times in (10, 20):
                await bill(connection, times * 100_000, sound)
                await watching.until(lambda: heir.count("budget_used_usd") == pytest.approx(base * times, rel=1e-3), 8)
                assert proxy.process.poll() is None
            await bill(connection, 3_000_000, {"turnComplete": True})
            await asyncio.to_thread(proxy.process.wait, 60)
            proxy.was_ended = True
            await watching.until(lambda: heir.count("budget_used_usd") == pytest.approx(base * 30, rel=1e-3))
            await asyncio.sleep(2)
            assert heir.count("budget_used_usd") == pytest.approx(base * 30, rel=1e-3)
        finally:
            heir.end()


async def test_an_exchange_of_rest_outlives_the_hand_over(start, tmp_path):
    """One answer streams while the next process takes over; it arrives whole, and new ones do, too."""
    path = "/v1beta/models/gemini-m:streamGenerateContent?alt=sse"
    with RESTGemini() as (server, url):
        proxy = start(Proxy, url, "", "--drain", "20s", upstream="rest: pass")

        def ask(port):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", path, b"{}", {"x-goog-api-key": "any"})
            return connection.getresponse()

        streaming = await asyncio.to_thread(ask, proxy.listening)
        first = await asyncio.to_thread(streaming.readline)
        assert b'"one"' in first
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            assert proxy.process.poll() is None
            server.go_on.release(100)
            rest = await asyncio.to_thread(streaming.read)
            assert b'"two"' in rest and b'"three"' in rest
            assert await asyncio.to_thread(proxy.process.wait, 30) == 0
            proxy.was_ended = True
            assert b'"three"' in await asyncio.to_thread(lambda: ask(heir.listening).read())
        finally:
            heir.end()


async def test_with_nobody_to_take_over_from_it_just_starts(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--take-over")
        both = Relay(gemini, proxy)
        await both.assert_passes(*await both.session())


def activated(tmp_path, given, *more):
    """A process that is handed a socket as systemd hands it."""
    if not (tmp_path / "default.yaml").exists():
        (tmp_path / "default.yaml").write_text("")
    script = (
        "import os,sys\nos.dup2(int(sys.argv[1]),3)\nos.set_inheritable(3,True)\n"
        "os.environ.update(LISTEN_FDS='1',LISTEN_PID=str(os.getpid()))\nos.execv(sys.argv[2],sys.argv[2:])"
    )
    arguments = ["serve", "--admin", "off", "--policies", tmp_path, "--data", tmp_path / "data", *more]
    with open(tmp_path / "log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", script, str(given.fileno()), PROGRAM, *arguments],
            pass_fds=[given.fileno()], stdout=subprocess.PIPE, stderr=log, text=True,
        )


def bound(kind):
    made = socket.socket(socket.AF_INET, kind)
    made.bind(("127.0.0.1", 0))
    return made


def connected():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return socket.create_connection(listener.getsockname())


def local():
    made = socket.socket(socket.AF_UNIX)
    made.bind("")
    made.listen()
    return made


@pytest.mark.parametrize(
    "make",
    [lambda: bound(socket.SOCK_DGRAM), lambda: bound(socket.SOCK_STREAM), connected, local],
    ids=["UDP", "bound only", "connected", "of this machine only"],
)
def test_a_socket_that_does_not_listen_is_refused_at_the_start(tmp_path, make):
    with make() as given:
        process = activated(tmp_path, given)
        try:
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 2 and said == ""
    assert "descriptor 3 of LISTEN_FDS is no listening TCP socket" in (tmp_path / "log").read_text()


async def test_a_socket_of_systemd_s_is_taken(tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    process = activated(tmp_path, listener)
    try:
        assert process.stdout.readline() == f"listening on 127.0.0.1:{port}\n"
        listener.close()
        with await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/healthz") as said:
            assert said.read() == b"ok\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def test_a_newcomer_whose_admin_port_is_taken_serves_without_it_until_it_is_free(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        taken = free_port()
        with socket.create_server(("127.0.0.1", taken)):
            heir = successor(proxy, tmp_path, admin=f"127.0.0.1:{taken}")
            try:
                both = Relay(gemini, heir)
                await both.assert_passes(*await both.session())
                await asyncio.to_thread(proxy.process.wait, 60)
                proxy.end()
                assert "the admin port cannot be opened" in heir.log_path.read_text()
            except BaseException:
                heir.end()
                raise
        try:
            async with asyncio.timeout(30):
                while "the admin port is open" not in heir.log_path.read_text():
                    await asyncio.sleep(0.2)
            with urllib.request.urlopen(f"http://127.0.0.1:{taken}/healthz", timeout=10) as health:
                assert health.read() == b"ok\n"
        finally:
            heir.end()


async def test_a_newcomer_gives_up_on_a_process_that_is_stopped(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        freeze(proxy.process)
        try:
            said = await asyncio.to_thread(refused, proxy, "--take-over")
            assert said.returncode == 1 and "has not handed over its sockets" in said.stderr, said
            assert f"process {proxy.process.pid} " in said.stderr
        finally:
            proxy.process.send_signal(signal.SIGCONT)
        both = Relay(gemini, proxy)
        await both.assert_passes(*await both.session())


async def test_a_newcomer_that_waits_ends_when_it_is_asked(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        freeze(proxy.process)
        try:
            with subprocess.Popen(
                [PROGRAM, *proxy.arguments[1:], "--take-over"], stderr=subprocess.PIPE
            ) as heir:
                # Its first line says that it waits.
                assert b"waiting for the data directory" in await asyncio.to_thread(heir.stderr.readline)
                heir.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(heir.wait, 30) == 0
        finally:
            proxy.process.send_signal(signal.SIGCONT)
        both = Relay(gemini, proxy)
        await both.assert_passes(*await both.session())


async def test_of_two_newcomers_one_serves_and_the_other_accepts_nobody(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        answers = asyncio.create_task(answer(gemini))
        logs = [tmp_path / f"heir-{number}.log" for number in range(2)]
        heirs = [Program(*proxy.arguments[1:], "--take-over", log=log) for log in logs]
        try:
            for _ in range(60):
                async with connect(f"ws://127.0.0.1:{proxy.listening}{PATH}", open_timeout=30) as client:
                    await client.send(json.dumps(SETUP))
                    await soon(client.recv(), 30)
                await asyncio.sleep(0.1)
            async with asyncio.timeout(60):
                while sum(heir.process.poll() is None for heir in heirs) > 1:
                    await asyncio.sleep(0.2)
            loser = next(log for heir, log in zip(heirs, logs) if heir.process.poll() is not None)
            said = loser.read_text()
            assert "Try: again" in said, said
            assert "is being replaced by process" in said or "has taken over from process" in said, said
            assert "may be stopped" not in said
            await asyncio.to_thread(proxy.process.wait, 60)
            proxy.end()
        finally:
            answers.cancel()
            for heir in heirs:
                heir.end()


async def test_a_newcomer_that_dies_at_once_leaves_its_clients_to_the_old_process(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        for number in range(2):
            (place := tmp_path / str(number)).mkdir()
            heir = successor(proxy, place)
            heir.process.kill()
            heir.was_ended = True
            heir.end()
            both = Relay(gemini, proxy)
            async with asyncio.timeout(30):
                client, connection = await both.session()
                await both.assert_passes(client, connection)
                await client.close()
        # Longer than a process that was taken over has left.
        await asyncio.sleep(12)
        both = Relay(gemini, proxy)
        client, connection = await both.session()
        await both.assert_passes(client, connection)
        name = client.response.headers["x-turnkeeper-session"].split(".")[0]
        await client.close()
        async with asyncio.timeout(20):
            while not books(proxy.data, name):
                await asyncio.sleep(0.2)


async def test_after_newcomers_that_died_the_next_one_takes_over(start, tmp_path):
    """With the ports that everybody keeps: each newcomer puts its own offer in the place of the old one's."""
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        admin = f"127.0.0.1:{proxy.port('admin on')}"
        for number in range(3):
            (place := tmp_path / str(number)).mkdir()
            heir = successor(proxy, place, admin=admin)
            try:
                await watching.until(lambda: proxy.log_path.read_text().count("another process takes over") == number + 1)
                if number == 2:
                    both = Relay(gemini, heir)
                    await both.assert_passes(*await both.session())
                    await asyncio.to_thread(proxy.process.wait, 60)
                    proxy.end()
                    return
                heir.process.kill()
                heir.was_ended = True
                await watching.until(lambda: proxy.log_path.read_text().count("serving again") == number + 1)
            finally:
                heir.end()


async def test_after_a_newcomer_that_died_the_admin_port_is_back_where_it_was(start, tmp_path):
    """The old process was given port 0, and everybody knows the one it got."""
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        admin = proxy.port("admin on")

        def answers():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{admin}/healthz", timeout=5) as health:
                    return health.read() == b"ok\n"
            except OSError:
                return False

        heir = successor(proxy, tmp_path, admin=f"127.0.0.1:{admin}")
        try:
            await watching.until(lambda: watching.is_said(proxy, "another process takes over"))
            await watching.until(answers)
            heir.process.kill()
            heir.was_ended = True
            heir.process.wait(10)
            await watching.until(lambda: watching.is_said(proxy, "serving again"))
            await watching.until(answers)
            both = Relay(gemini, proxy)
            await both.assert_passes(*await both.session())
        finally:
            heir.end()


async def test_while_a_newcomer_is_stopped_the_old_process_serves_and_a_third_is_told(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        heir = successor(proxy, tmp_path)
        both = Relay(gemini, proxy)
        client, _ = await both.session()
        freeze(heir.process)
        try:
            async with asyncio.timeout(40):
                while "is stopped; serving until it goes on" not in proxy.describe():
                    await asyncio.sleep(0.1)
            for _ in range(5):
                other, connection = await both.session()
                await both.assert_passes(other, connection)
                await other.close()
            said = await asyncio.to_thread(refused, proxy, "--take-over")
            assert said.returncode == 1, said
            number = heir.process.pid
            assert f"process {number}, which has its sockets and is stopped" in said.stderr, said
            assert f"kill -CONT {number}" in said.stderr and f"kill -KILL {number}" in said.stderr
        finally:
            heir.process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(40):
            while "the process that took over goes on" not in proxy.describe():
                await asyncio.sleep(0.1)
        await client.close()
        await asyncio.to_thread(proxy.process.wait, 60)
        proxy.was_ended = True
        other, connection = await Relay(gemini, heir).session()
        await Relay(gemini, heir).assert_passes(other, connection)
        await other.close()
        heir.end()


async def test_a_newcomer_that_is_stopped_for_good_is_named_when_the_old_process_has_gone(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        heir = successor(proxy, tmp_path)
        proxy.process.kill()
        # Before it looks at the lock again.
        freeze(heir.process)
        proxy.process.wait()
        proxy.was_ended = True
        number = heir.process.pid
        said = await asyncio.to_thread(refused, proxy, "--take-over")
        assert said.returncode == 1, said
        if f"process {number}, which has its sockets and is stopped" not in said.stderr:
            # It had the directory already.
            assert f"process {number} has not handed over" in said.stderr, said
        heir.process.kill()
        heir.process.wait()
        heir.was_ended = True
        both = Relay(gemini, start(Proxy, gemini.url, data=proxy.data))
        await both.assert_passes(*await both.session())


async def test_who_has_not_finished_taking_over_is_not_taken_over(start, tmp_path):
    """Its records would have no file: the first process still writes there."""
    async with Gemini() as gemini:
        # Long enough for a second newcomer to come while the first one waits.
        processes = [start(Proxy, gemini.url, "", "--drain", "10s")]
        names, clients = [], []
        try:
            for number in range(3):
                if number:
                    (place := tmp_path / str(number)).mkdir()
                    processes.append(successor(processes[0], place))
                both = Relay(gemini, processes[-1])
                client, connection = await both.session()
                await client.send(json.dumps({"clientContent": {"turns": [], "turnComplete": True}}))
                await soon(connection.recv())
                names.append(client.response.headers["x-turnkeeper-session"].split(".")[0])
                clients.append(client)
                if number == 1:
                    said = await asyncio.to_thread(refused, processes[0], "--take-over")
                    assert said.returncode == 1 and "is being replaced" in said.stderr, said
                    assert "Try: again in a minute" in said.stderr
                    await asyncio.to_thread(processes[0].process.wait, 60)
                    processes[0].was_ended = True
            await clients[1].close()
            await asyncio.to_thread(processes[1].process.wait, 60)
            for process in processes[:2]:
                assert "records lost" not in process.describe(), process.describe()
            await clients[2].close()
            async with asyncio.timeout(30):
                while not all(books(processes[0].data, name) for name in names):
                    await asyncio.sleep(0.2)
        finally:
            for process in processes[:0:-1]:
                process.end()


async def test_what_a_newcomer_has_served_that_is_killed_before_it_has_the_ledger_is_in_the_books(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "20s")
        # In the middle of a turn, for which the old process keeps the ledger.
        held, connection = await Relay(gemini, proxy).session()
        await held.send(json.dumps({"clientContent": {"turns": [], "turnComplete": True}}))
        await soon(connection.recv())
        heir = successor(proxy, tmp_path)
        try:
            client, far = await Relay(gemini, heir).session()
            name = client.response.headers["x-turnkeeper-session"].split(".")[0]
            await client.send(json.dumps({"clientContent": {"turns": [], "turnComplete": True}}))
            await soon(far.recv())
            await far.send(ANSWER)
            await soon(client.recv())
            # What a `kill -9` may cost.
            await asyncio.sleep(1.5)
            kept = list(proxy.data.glob("ledger.db.waiting-1*"))
            assert kept and all(path.stat().st_mode & 0o777 == 0o600 for path in kept), kept
            assert books(proxy.data, name) == 0
            assert heir.count("ledger_queue") > 0 and heir.count("ledger_success") == 1
        finally:
            heir.process.kill()
            heir.process.wait()
            heir.was_ended = True
            heir.end()
        proxy.process.kill()
        proxy.process.wait()
        proxy.was_ended = True
        for number in range(2):
            again = start(Proxy, gemini.url, data=proxy.data)
            await watching.until(lambda: books(proxy.data, name) == 1)
            with sqlite3.connect(f"file:{proxy.data}/ledger.db?mode=ro", uri=True) as ledger:
                outcomes = ledger.execute("SELECT outcome FROM sessions WHERE id = ?", (name,)).fetchall()
                turns = ledger.execute("SELECT outcome FROM turns WHERE session = ?", (name,)).fetchall()
            assert (outcomes, turns) == ([("unfinished",)], [("answered",)])
            assert not list(proxy.data.glob("*waiting*"))
            if not number:
                await watching.until(lambda: "records of a process that ended before" in again.log_path.read_text())
            again.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(again.process.wait, 30)
            again.was_ended = True


async def test_a_lock_that_somebody_removed_is_made_again(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        (proxy.data / "lock").unlink()
        async with asyncio.timeout(20):
            while not (proxy.data / "lock").exists():
                await asyncio.sleep(0.1)
        said = refused(proxy)
        assert said.returncode == 1 and str(proxy.process.pid) in said.stderr, said
        await watching.until(lambda: watching.is_said(proxy, "the data directory's lock was removed"))


async def test_no_file_takes_the_place_of_a_closed_standard_descriptor(start, tmp_path):
    class Closed(Proxy):
        def launcher(self):
            return ["sh", "-c", 'exec 0<&- 2>&-; exec "$@"', "sh"]

    async with Gemini() as gemini:
        proxy = start(Closed, gemini.url)
        both = Relay(gemini, proxy)
        await both.assert_passes(*await both.session())
        assert (proxy.data / "lock").read_text() == f"{proxy.process.pid} serving\n"
