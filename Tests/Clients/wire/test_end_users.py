"""Who talks: named by a token or a listed balancer, with a share of their own that outlives restarts."""

import asyncio
import json
import subprocess
import urllib.request

import pytest
from google.genai import types
from relay import SETUP, Gemini, closed, soon
from tenants import CONSTRAINED, Minter, Session, Tenants, session_id, tenants
from turnkeeper import PATH, PROGRAM
from watching import until

ACME = "acme-client-key-0123456789"
BALANCER = ("--balancers", "127.0.0.0/8")


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("GEMINI_KEY", "gemini-key-0123456789abcdef")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def acme(more, end_users="header: x-end-user"):
    return {
        "acme.yaml": "match: { keys: [env:ACME_KEY] }\n"
        "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
        f"end_users: {{ {end_users} {more} }}\n"
    }


def usage(proxy, *words):
    done = subprocess.run(
        [PROGRAM, "usage", "--json", "--data", str(proxy.data), *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def named(proxy, gemini, user, **options):
    return await Session.open(proxy, gemini, ACME, headers={"x-end-user": user}, **options)


async def refused(proxy, headers, path=PATH, key=ACME):
    client = await proxy.connect(key, path, headers=headers)
    await client.send(json.dumps(SETUP))
    code, reason = await closed(client)
    assert session_id(client) in reason
    return code, reason


async def settled(proxy, **wanted):
    """Rows by end user, once they show these dollars."""
    async with asyncio.timeout(20):
        while True:
            rows = {row["end_user"]: row for row in await asyncio.to_thread(usage, proxy, "--by", "end-user")}
            if all(abs(rows.get(user, {"cost_usd": -1})["cost_usd"] - cost) < 0.01 for user, cost in wanted.items()):
                return rows
            await asyncio.sleep(0.1)


async def test_a_listed_balancer_names_the_end_user(start):
    async with tenants(start, acme(""), *BALANCER) as (gemini, proxy):
        ann = await named(proxy, gemini, "ann@example.com")
        bob = await named(proxy, gemini, "Bob 2")
        await ann.turn(2)
        await bob.turn(1)
        again = await named(proxy, gemini, "ann@example.com")
        await again.turn(0.5)
        rows = await settled(proxy, **{"ann@example.com": 2.5, "Bob 2": 1})
        assert rows["ann@example.com"]["sessions"] == 2 and "minutes" in rows["Bob 2"]
        # Gemini does not learn who it is, nor do metrics.
        assert not any("x-end-user" in request.headers for request in gemini.requests)
        with urllib.request.urlopen(proxy.admin + "/metrics", timeout=20) as answer:
            assert "ann@" not in answer.read().decode()


async def test_anybody_else_is_not_believed(start):
    async with tenants(start, acme("")) as (gemini, proxy):
        one = await named(proxy, gemini, "ann")
        await one.turn(1)
        rows = await settled(proxy, **{"": 1})
        assert list(rows) == [""]
        assert not any("x-end-user" in request.headers for request in gemini.requests)


async def test_without_a_name_where_one_is_required(start):
    async with tenants(start, acme(", required: true"), *BALANCER) as (gemini, proxy):
        for headers in ({}, {"x-end-user": ""}):
            code, reason = await refused(proxy, headers)
            assert code == 1008 and "end_users.required" in reason, headers
        assert not gemini.requests
        await named(proxy, gemini, "a" * 128)


@pytest.mark.parametrize("more", ["", ", required: true"])
async def test_a_name_that_cannot_be_used_is_refused_by_the_key_that_reads_it(start, more):
    """Whether or not one is required: a session is not counted as nobody's because its name is too long."""
    async with tenants(start, acme(more), *BALANCER) as (gemini, proxy):
        for name in ("a" * 129, "\u00a0\u0085x".encode().decode("latin-1"), "\u0085"):
            code, reason = await refused(proxy, {"x-end-user": name})
            assert code == 1008 and "(end_users.header)" in reason and "128 bytes" in reason
            assert "required" not in reason
        assert proxy.count("refusals_total", code="1008", reason="end_users.header") == 3
        assert not gemini.requests


async def test_a_name_that_was_said_twice_is_nobodys(start):
    """The client's own line beside the balancer's."""
    async with tenants(start, acme(""), *BALANCER) as (gemini, proxy):
        client = await proxy.connect(ACME, headers=[("x-end-user", "ann"), ("X-End-User", "bob")])
        await client.send(json.dumps(SETUP))
        assert (await closed(client))[0] == 1008


async def test_a_token_names_its_end_user(start):
    """As Google's SDK makes it; the token's name comes before a header's."""
    more = ", day_usd: 1"
    async with tenants(start, acme(more), *BALANCER) as (gemini, proxy):
        options = types.HttpOptions(base_url=proxy.http, api_version="v1alpha", extra_body={"endUser": "ann"})
        token = await Minter(proxy, ACME)(uses=5, http_options=options)
        path = f"{CONSTRAINED}?access_token={token}"
        one = await Session.open(proxy, gemini, None, path=path, headers={"x-end-user": "bob"})
        await one.turn(1.2)
        await settled(proxy, ann=1.2)
        code, reason = await refused(proxy, {}, path, None)
        assert code == 1008 and "end_users.day_usd of this end user is used up until 00:00 UTC" in reason
        await named(proxy, gemini, "bob")
        for wrong in ("", "a" * 200, "two\nlines", 7):
            request = urllib.request.Request(
                proxy.http + "/v1alpha/auth_tokens", json.dumps({"endUser": wrong}).encode(), {"x-goog-api-key": ACME})
            with pytest.raises(urllib.error.HTTPError) as refusal:
                await asyncio.to_thread(urllib.request.urlopen, request, timeout=20)
            assert refusal.value.code == 400 and "endUser" in refusal.value.read().decode()


async def test_dollars_of_one_end_user(start):
    """The turn that uses them up is the last; others go on; a restart and a kill change nothing."""
    async with Gemini() as gemini:
        policies = {name: text.replace("UPSTREAM", gemini.url) for name, text in acme(", day_usd: 2").items()}
        proxy = start(Tenants, policies, *BALANCER)
        one = await named(proxy, gemini, "ann")
        beside = await named(proxy, gemini, "ann")
        bob = await named(proxy, gemini, "bob")
        await one.turn(1.5)
        await beside.turn(1)
        code, reason = await closed(beside.client)
        assert code == 1008 and "end_users.day_usd is used up" in reason
        await bob.turn(1.5)
        assert (await refused(proxy, {"x-end-user": "ann"}))[0] == 1008
        await settled(proxy, ann=2.5, bob=1.5)
        await until(lambda: proxy.saved("acme", "ann") > 2.49)
        proxy.process.kill()
        proxy.process.wait(10)
        proxy.was_ended = True
        for lost in ("state.db", "ledger.db", None):
            if lost:
                (proxy.data / lost).rename(proxy.data / f"{lost}.away")
            again = start(Tenants, policies, *BALANCER, data=proxy.data)
            assert (await refused(again, {"x-end-user": "ann"}))[0] == 1008, lost
            await named(again, gemini, "carl")
            again.end()
            if lost:
                (proxy.data / f"{lost}.away").replace(proxy.data / lost)


async def test_minutes_of_one_end_user(start, books):
    """They pass between messages, too, and in sessions side by side."""
    async with tenants(start, acme(", day_minutes: 1"), *BALANCER, *books) as (gemini, proxy):
        # A minute in several sessions at once takes some seconds: more than it takes to begin them.
        many = [await named(proxy, gemini, "ann") for _ in range(5)]
        bob = await named(proxy, gemini, "bob")
        for one in many:
            code, reason = await closed(one.client, 60)
            assert code == 1008 and "end_users.day_minutes is used up" in reason
        code, reason = await refused(proxy, {"x-end-user": "ann"})
        assert code == 1008 and "end_users.day_minutes of this end user" in reason
        await bob.turn(0.1)


async def test_a_reload_that_tightens_a_quota_ends_sessions(start):
    async with tenants(start, acme(", day_usd: 5"), *BALANCER) as (gemini, proxy):
        one = await named(proxy, gemini, "ann")
        await one.turn(1.5)
        text = acme(", day_usd: 1")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": text})
        code, reason = await closed(one.client)
        assert code == 1008 and "end_users.day_usd" in reason
        changed = [line["changed"] for line in proxy.log() if line["message"] == "policies reloaded"]
        assert changed[-1] == "acme: end_users.day_usd"
