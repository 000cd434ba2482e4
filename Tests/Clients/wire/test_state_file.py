"""What a node keeps beside its ledger, `state.db`: what was spent today, and client tokens."""

import asyncio
import contextlib
import hashlib
import json
import resource
import signal
import sqlite3

import pytest
from google.genai import errors
from relay import SETUP, closed, soon
from tenants import CONSTRAINED, Minter, Session, Tenants, tenants
from turnkeeper import Program
from watching import is_said, until
from websockets.exceptions import InvalidStatus

KEY = "acme-client-key"
POLICIES = {
    "acme.yaml": "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
    "stalls: { soft: off, hard: off, nudges: 0 }\nbudget: { day_usd: 1 }"
}
CANNOT = "spending and client tokens cannot be saved, and would not survive a restart"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def kill(proxy):
    proxy.was_ended = True
    proxy.process.send_signal(signal.SIGKILL)
    proxy.process.wait(10)


def again(start, gemini, proxy):
    files = {name: text.replace("UPSTREAM", gemini.url) for name, text in POLICIES.items()}
    return start(Tenants, files, "--ledger", "off", data=proxy.data)


async def visit(proxy, gemini, token):
    return await Session.open(proxy, gemini, None, path=path(token))


def path(token):
    return f"{CONSTRAINED}?access_token={token}"


async def refused(proxy, key, **options):
    client = await proxy.connect(key, **options)
    await client.send(json.dumps(SETUP))
    code, reason = await closed(client)
    assert code == 1008
    return reason


def used(proxy, token):
    """As the file has it; None if it does not have it."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    with contextlib.closing(sqlite3.connect(f"file:{proxy.data}/state.db?mode=ro", uri=True)) as file:
        row = file.execute("SELECT used FROM tokens WHERE digest = ?", (digest,)).fetchone()
    return row and row[0]


def spent(proxy):
    return round(proxy.saved("acme") * 1e6)


async def test_a_use_that_was_answered_survives_a_kill(start):
    """Many at once, which share commits."""
    async with tenants(start, POLICIES, "--ledger", "off", workers=4) as (gemini, proxy):
        mint = Minter(proxy, KEY)
        tokens = [await mint(uses=1) for _ in range(40)]
        await asyncio.gather(*(proxy.connect(None, path(token)) for token in tokens))
        kill(proxy)
        assert [used(proxy, token) for token in tokens] == [1] * len(tokens)
        assert (proxy.data / "state.db").stat().st_mode & 0o777 == 0o600
        bytes_kept = b"".join(file.read_bytes() for file in proxy.data.glob("state.db*"))
        assert not [token for token in tokens if token.removeprefix("auth_tokens/").encode() in bytes_kept]
        next_one = again(start, gemini, proxy)
        for token in tokens[:3]:
            assert "token.uses" in await refused(next_one, None, path=path(token))


async def test_a_damaged_file_is_told_and_set_aside(start):
    async with tenants(start, POLICIES, "--ledger", "off") as (gemini, proxy):
        kill(proxy)
        (proxy.data / "state.db").write_bytes(b"no database " * 2000)
        next_one = again(start, gemini, proxy)
        assert is_said(next_one, "what was kept for a restart cannot be read")
        token = await Minter(next_one, KEY)(uses=1)
        session = await visit(next_one, gemini, token)
        await session.turn(0.3)
        await until(lambda: is_said(next_one, "a damaged file is set aside"))
        await until(lambda: (next_one.data / "state.db.damaged").exists() and (next_one.data / "state.db").exists())
        await until(lambda: spent(next_one) == 300_000 and used(next_one, token) == 1)
        kill(next_one)
        third = again(start, gemini, next_one)
        assert "token.uses" in await refused(third, None, path=path(token))


@pytest.mark.parametrize("trouble", ["a full disk", "a lock", "a removed file"])
async def test_what_cannot_be_written_is_kept_and_written_later(start, trouble):
    """Calls go on and are counted. Nothing is begun with a token whose use would be forgotten in a crash."""
    async with tenants(start, POLICIES, "--ledger", "off") as (gemini, proxy):
        mint = Minter(proxy, KEY)
        before, meanwhile = await mint(uses=1), await mint(uses=1)
        session = await visit(proxy, gemini, before)
        await session.turn(0.3)
        await until(lambda: spent(proxy) == 300_000)
        with contextlib.ExitStack() as stack:
            if trouble == "a full disk":
                kind, pid = resource.RLIMIT_FSIZE, proxy.process.pid
                limits = resource.prlimit(pid, kind)
                resource.prlimit(pid, kind, (1, limits[1]))
                stack.callback(resource.prlimit, pid, kind, limits)
            elif trouble == "a lock":
                other = sqlite3.connect(proxy.data / "state.db", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                stack.callback(other.close)
                stack.callback(other.execute, "ROLLBACK")
            else:
                for file in proxy.data.glob("state.db*"):
                    file.unlink()
            if trouble == "a removed file":
                await (await visit(proxy, gemini, meanwhile)).turn(0.36)
            else:
                for _ in range(2):
                    with pytest.raises(InvalidStatus) as info:
                        await proxy.connect(None, path(meanwhile))
                    assert info.value.response.status_code == 503
                    assert info.value.response.headers["retry-after"] == "2"
                with pytest.raises(errors.APIError) as info:
                    await mint(uses=1)
                assert info.value.code == 503
                lines = [line for line in proxy.metrics().splitlines() if "refusals_total" in line and '"disk"' in line]
                assert sum(float(line.rsplit(" ", 1)[1]) for line in lines) >= 3, lines
                assert len(gemini.requests) == 1
            await session.turn(0.12)
            if trouble == "a lock":
                await until(lambda: is_said(proxy, CANNOT))
                assert proxy.log_path.read_text().count("client tokens are refused: their uses") == 1
            elif trouble == "a full disk":
                # The log's, too. Longer than some attempts take.
                await asyncio.sleep(3)
                assert used(proxy, meanwhile) == 0 and spent(proxy) == 300_000
        if trouble != "a removed file":
            await until(lambda: used(proxy, meanwhile) == 0 and spent(proxy) == 420_000)
            await (await visit(proxy, gemini, meanwhile)).turn(0.36)
        await until(lambda: (proxy.data / "state.db").exists())
        await until(lambda: spent(proxy) == 780_000)
        await until(lambda: used(proxy, meanwhile) == 1 and used(proxy, before) == 1)
        kill(proxy)
        next_one = again(start, gemini, proxy)
        for token in (before, meanwhile):
            assert "token.uses" in await refused(next_one, None, path=path(token))
        await (await Session.open(next_one, gemini, KEY)).turn(0.3)
        assert "budget.day_usd" in await refused(next_one, KEY)


class Heir(Program):
    """The same command again, told to take over."""

    trust = None

    def __init__(self, directory, proxy):
        admin = proxy.arguments.index("--admin")
        same = proxy.arguments[1:admin] + proxy.arguments[admin + 2 :]
        super().__init__(*same, "--admin", "127.0.0.1:0", "--take-over", log=directory / "heir.log")
        self.data = proxy.data
        self.listening = self.port("listening on")
        self.ws = f"ws://127.0.0.1:{self.listening}"
        self.http = f"http://127.0.0.1:{self.listening}"

    connect, saved = Tenants.connect, Tenants.saved


async def test_both_count_while_one_takes_over(start, tmp_path):
    """What the old process writes after the new one has read is not lost, and not counted twice."""
    options = ("--ledger", "off", "--drain", "10s")
    async with tenants(start, POLICIES, *options) as (gemini, proxy):
        mint = Minter(proxy, KEY)
        twice, old_only = await mint(uses=2), await mint(uses=1)
        session = await visit(proxy, gemini, twice)
        await session.turn(0.24)
        await until(lambda: spent(proxy) == 240_000)
        waiting = await visit(proxy, gemini, old_only)
        # In the middle of turns, so that the old process stays.
        question = '{"clientContent":{"turns":[],"turnComplete":true}}'
        for one in (session, waiting):
            await one.client.send(question)
            await soon(one.gemini.recv())
        heir = Heir(tmp_path, proxy)
        try:
            ours = await visit(heir, gemini, twice)
            await ours.turn(0.3)
            await finish(session, 0.24)
            await until(lambda: spent(proxy) == 480_000)
            await finish(waiting, 0.12)
            await asyncio.to_thread(proxy.process.wait, 30)
            proxy.end()
            await until(lambda: is_said(heir, "took over the data directory"))
            await until(lambda: spent(heir) == 900_000)
            assert used(heir, twice) == 2 and used(heir, old_only) == 1
        finally:
            kill(heir)
        next_one = again(start, gemini, proxy)
        for token in (twice, old_only):
            assert "token.uses" in await refused(next_one, None, path=path(token))
        assert spent(next_one) == 900_000


async def test_a_use_survives_a_kill_of_the_process_that_takes_over(start, tmp_path):
    """It has answered while the old one still has the directory; both have counted by then."""
    options = ("--ledger", "off", "--drain", "20s")
    async with tenants(start, POLICIES, *options) as (gemini, proxy):
        mint = Minter(proxy, KEY)
        twice, once = await mint(uses=2), await mint(uses=1)
        session = await visit(proxy, gemini, twice)
        # In the middle of a turn, so that the old process stays.
        await session.client.send('{"clientContent":{"turns":[],"turnComplete":true}}')
        await soon(session.gemini.recv())
        heir = Heir(tmp_path, proxy)
        try:
            made = await Minter(heir, KEY)(uses=1)
            for token in (twice, once, made):
                await visit(heir, gemini, token)
            assert not is_said(heir, "took over the data directory")
            # The old one writes after that.
            await finish(session, 0.12)
        finally:
            kill(heir)
        kill(proxy)
        assert [used(proxy, token) for token in (twice, once, made)] == [2, 1, 1]
        next_one = again(start, gemini, proxy)
        for token in (twice, once, made):
            assert "token.uses" in await refused(next_one, None, path=path(token))


async def finish(session, dollars):
    tokens = round(dollars * 1_000_000 / 12)
    usage = {
        "responseTokenCount": tokens, "totalTokenCount": tokens,
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": tokens}],
    }
    parts = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}]}}
    await session.gemini.send(json.dumps({"serverContent": parts}))
    await session.gemini.send(json.dumps({"serverContent": {"turnComplete": True}, "usageMetadata": usage}))
