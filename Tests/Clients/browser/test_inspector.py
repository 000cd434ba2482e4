"""The inspector in headless Chromium: over real conversations, and over a ledger of made-up ones.

`UPDATE=1` puts the pictures this takes into `docs/images`.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from browser.chromium import Browser
from ports import free_port
from relay import MANUAL_SETUP
from tenants import Session, tenants
from turnkeeper import PATH, PROGRAM, REPOSITORY, Proxy, Seeder, Simulator
from watching import is_said, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

ANSWER_SECONDS = 60
IMAGES = REPOSITORY / "docs/images"
# A picture in the docs is looked at over slow lines as well.
MOST_BYTES = 300_000

# A service that answers at once and recovers from what it is told to suffer.
SCENARIO = """
name: inspected
extends: quick
latency: 0.1
faults:
  - internal-error: { turns: [2], attempts: 1, delay: 100ms }
"""


class Inspector:
    """One page, and words for what is asked of it again and again."""

    def __init__(self, browser, proxy):
        self.browser = browser
        self.base = f"http://127.0.0.1:{proxy.port('admin on')}"

    async def open(self, fragment=""):
        await self.browser.ask("Page.enable")
        await self.browser.ask("Runtime.enable")
        await self.browser.ask("Log.enable")
        await self.browser.ask("Page.navigate", url=f"{self.base}/ui{fragment}")
        await self.browser.until("document.readyState === 'complete'")
        return self

    def api(self, path):
        with urllib.request.urlopen(f"{self.base}{path}", timeout=20) as answer:
            return json.load(answer)

    async def text(self, selector):
        return await self.browser.value(
            f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"
        )

    async def until_text(self, selector, text, seconds=20):
        await self.browser.until(
            f"document.querySelector({json.dumps(selector)})?.innerText"
            f".includes({json.dumps(text)})",
            seconds,
        )

    def complaints(self):
        """What the page threw, logged as an error, or was refused by its own policy."""
        found = []
        for event in self.browser.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"])
            if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"])
        return found


@contextlib.asynccontextmanager
async def inspecting(tmp_path, proxy, fragment=""):
    async with Browser(tmp_path / "profile") as browser:
        await browser.size(1440, 900)
        page = Inspector(browser, proxy)
        yield await page.open(fragment)
        assert page.complaints() == []


def seeded(start, sessions, *arguments, live=0, options=()):
    """A proxy over a ledger of made-up conversations. A live one has its writer already, so the
    proxy reads along."""
    seeder = start(Seeder, sessions, *arguments, live=live)
    return start(Proxy, "ws://127.0.0.1:1", "", *options, data=seeder.data)


class Caller:
    """A client in manual detection."""

    def __init__(self, socket):
        self.socket = socket

    async def say(self, seconds=0.3):
        await self.socket.send('{"realtimeInput":{"activityStart":{}}}')
        sound = base64.b64encode(b"\x11\x22" * 1600).decode()
        blob = {"audio": {"mimeType": "audio/pcm;rate=16000", "data": sound}}
        for _ in range(int(seconds * 10)):
            await self.socket.send(json.dumps({"realtimeInput": blob}))
            await asyncio.sleep(0.1)
        await self.socket.send('{"realtimeInput":{"activityEnd":{}}}')
        await self.hear("turnComplete")

    async def hear(self, word):
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                message = await self.socket.recv()
                text = message if isinstance(message, str) else message.decode()
                if word in text:
                    return


@contextlib.asynccontextmanager
async def calling(proxy):
    setup = {
        "setup": {
            **MANUAL_SETUP["setup"],
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
        }
    }
    async with connect(f"{proxy.ws}{PATH}?key=test-key", max_size=None, proxy=None) as socket:
        await socket.send(json.dumps(setup))
        caller = Caller(socket)
        await caller.hear("setupComplete")
        caller.id = socket.response.headers["x-turnkeeper-session"].split(".")[0]
        yield caller


async def test_a_live_conversation_appears_grows_and_ends(start, tmp_path):
    scenario = tmp_path / "inspected.yaml"
    scenario.write_text(SCENARIO)
    simulator = start(Simulator, "--scenario", scenario)
    proxy = start(Proxy, simulator.url)
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#list", "No sessions yet")
        await page.until_text("#link-state", "Live")
        async with calling(proxy) as caller:
            # It comes by itself.
            await page.until_text("#list .row", caller.id[:10])
            await page.until_text("#fleet-live", "1")
            await page.browser.value("document.querySelector('#list .row').click()")
            await page.until_text(".session .subtitle", caller.id)
            await caller.say()
            await page.until_text(".turn[data-turn='1']", "answered")
            await page.until_text(".turn[data-turn='1'] .facts", "first sound")
            await page.until_text(".turn[data-turn='1'] .facts", "$")
            cost = await page.text(".tiles div:nth-child(5) dd span")
            # The second one meets an internal error, which the proxy gets over.
            await caller.say()
            await page.until_text(".turn[data-turn='2']", "answered")
            await page.browser.until("document.querySelector(\".turn[data-turn='2'] dd\")?.innerText")
            await page.browser.until(
                "document.querySelector('.tiles div:nth-child(5) dd span').innerText !== "
                + json.dumps(cost)
            )
            bars = "document.querySelectorAll('.stage svg rect.tl-gemini').length"
            await page.browser.until(f"{bars} >= 2")
            await until(lambda: len(page.api(f"/api/sessions/{caller.id}")["events"]) > 8)
        await page.until_text(".title .pill", "Completed")
        await page.until_text(".subtitle", "1000")
        await page.until_text("#fleet-live", "0")
        session = page.api(f"/api/sessions/{caller.id}")
        await page.browser.value("document.querySelector('#tab-events').click()")
        rows = "document.querySelectorAll('table.events tbody tr').length"
        # Words are whole utterances; everything else has its row, or is counted in one.
        other = [event for event in session["events"] if "transcription" not in event["what"]]
        assert await page.browser.until(f"{rows} > 5")
        assert await page.browser.value(rows) <= len(other) + 2 * len(session["turns"]) + 2
        for turn in session["turns"]:
            words = turn["transcript"]["model"].strip()[:40]
            text = "document.querySelector('#panel-events').innerText.replace(/\\s+/g, ' ')"
            await page.browser.until(f"{text}.includes({json.dumps(words)})")
        await page.browser.value("document.querySelector('#tab-links').click()")
        links = "document.querySelectorAll('#panel-links tbody tr').length"
        assert await page.browser.until(f"{links} === {len(session['connections'])}")


async def test_trouble_is_drawn_and_told(start, tmp_path):
    proxy = seeded(start, 40, "--seed", 3)
    async with inspecting(tmp_path, proxy) as page:
        troubled = [
            session
            for session in page.api("/api/sessions?trouble=1")
            if session["remedies"].get("replayed") and session["outcome"] == "completed"
        ]
        await page.browser.value(f"location.hash = '#/s/{troubled[0]['id']}'")
        await page.until_text(".session .subtitle", troubled[0]["id"])
        await page.browser.until("document.querySelectorAll('.tl-mark[data-tone=bad]').length > 0")
        assert await page.browser.value("document.querySelectorAll('.tl-trouble').length") > 0
        titles = await page.browser.value(
            "[...document.querySelectorAll('.stage .tl-mark title')].map(n => n.textContent).join()"
        )
        for word in ("Stalled", "Nudged", "Connection lost", "Resumed", "Replayed"):
            assert word in titles, titles
        story = await page.text(".turns")
        for word in ("Stalled", "Nudged", "Resumed", "Replayed"):
            assert word in story
        # The same for those who cannot see it.
        await page.browser.value("document.querySelector('#tab-events').click()")
        await page.until_text("#panel-events", "Stalled")


async def test_latest_trouble_says_why_a_client_was_refused(start, tmp_path):
    proxy = start(Proxy, start(Simulator).url, "models: { allow: [gemini-9-live] }")
    async with connect(f"{proxy.ws}{PATH}?key=test-key", max_size=None, proxy=None) as socket:
        await socket.send(json.dumps(MANUAL_SETUP))
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text(".overview .brief:not(.upstreams)", "Refused")
        assert "1008 turnkeeper: models.allow has no" in await page.text(".overview .brief:not(.upstreams)")


async def test_search_filters_and_keys(start, tmp_path):
    proxy = seeded(start, 80, "--seed", 5)
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await page.until_text("#list-foot", "80 sessions")
        await browser.press("/")
        assert await browser.value("document.activeElement.id") == "search"
        await browser.type("1011")
        failed = page.api("/api/sessions?q=1011&limit=1000")
        assert 0 < len(failed) < 80
        await page.until_text("#list-foot", f"{len(failed)} session")
        await browser.press("Escape")
        await page.until_text("#list-foot", "80 sessions")
        await browser.press("Escape")
        assert await browser.value("document.activeElement.id") == "list"
        for query, path in (
            ("tenant:kiosk", "tenant=kiosk"),
            ("code:1000 acme", "close_code=1000&q=acme"),
            ("outcome:completed", "outcome=completed"),
            (failed[0]["id"][:6], f"q={failed[0]['id'][:6]}"),
        ):
            await browser.press("/")
            await browser.type(query)
            number = len(page.api(f"/api/sessions?{path}&limit=1000"))
            await page.until_text("#list-foot", f"{number} session")
            await browser.press("Escape")
            await page.until_text("#list-foot", "80 sessions")
            await browser.press("Escape")
        await browser.press("/")
        for query in ("nobody-has-this", "outcome:x", "code:x", "code:99999", "<b>", '"'):
            await browser.value("document.activeElement.select()")
            await browser.type(query)
            # Each time the query that was asked, not the one before.
            await page.until_text("#list", f"No session matches “{query}”")
        await browser.press("Escape")
        await page.until_text("#list-foot", "80 sessions")

        await browser.value("document.querySelector('[data-filter=trouble]').click()")
        number = len(page.api("/api/sessions?trouble=1&limit=1000"))
        await page.until_text("#list-foot", f"{number} session")
        await browser.value("document.querySelector('[data-filter=\"\"]').click()")
        await page.until_text("#list-foot", "80 sessions")

        # Down three, open, read along the timeline, back.
        await browser.value("document.querySelector('#list').focus()")
        for _ in range(3):
            await browser.press("ArrowDown")
        third = page.api("/api/sessions?limit=3")[2]["id"]
        active = "document.querySelector('#list').getAttribute('aria-activedescendant')"
        assert await browser.value(active) == f"s-{third}"
        await browser.press("Enter")
        await page.until_text(".session .subtitle", third)
        assert await browser.value("document.activeElement.id") == "detail"
        selected = "document.querySelector('.row[aria-selected=true]').dataset.id"
        await browser.until(f"{selected} === '{third}'")
        await browser.value("document.querySelector('.stage').focus()")
        await browser.press("ArrowRight")
        await browser.press("ArrowRight")
        told = "document.querySelector('.stage').getAttribute('aria-valuetext')"
        await browser.until(f"{told}?.includes('Connected')")
        await page.until_text(".readout", "Connected")
        hint = await page.text(".timeline header p")
        await browser.press("+")
        await browser.until(f"document.querySelector('.timeline header p').innerText !== {json.dumps(hint)}")
        await browser.press("0")
        await page.until_text(".timeline header p", hint)
        await browser.press("Escape")
        await page.until_text("#detail", "Right now")
        await browser.press("u")
        await page.until_text("#usage-view", "By tenant")
        await browser.press("s")
        await browser.press("?")
        assert await browser.value("document.querySelector('#help').open")
        await browser.press("Escape")
        assert not await browser.value("document.querySelector('#help').open")


async def test_counters_are_of_the_fleet_whatever_is_searched(start, tmp_path):
    proxy = seeded(start, 40, live=30)
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#fleet-live", "30")
        await page.until_text(".overview .legend", "Gemini speaking", 60)
        await page.browser.press("/")
        await page.browser.type("nobody-has-this")
        await page.until_text("#list", "Nothing found")
        assert await page.text("#fleet-live") == "30"
        # What is on top agrees with what is beside it, in every second.
        for _ in range(10):
            top, troubled = await page.browser.value(
                "[Number(document.querySelector('#fleet-attention').innerText),"
                " [...document.querySelectorAll('.overview .legend li')].filter(node =>"
                " /Stalled|Recovering|Giving up/.test(node.innerText)).reduce((sum, node) =>"
                " sum + Number(node.querySelector('b').innerText), 0)]"
            )
            assert top == troubled
            await asyncio.sleep(0.3)
        assert await page.text(".overview .brief:not(.upstreams)") != ""


async def test_a_half_typed_query_is_no_error_and_enter_opens_the_only_hit(start, tmp_path):
    proxy = seeded(start, 80, "--seed", 5)
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#list-foot", "80 sessions")
        tenant, closed = page.api("/api/sessions?q=1011&limit=1")[0]["tenant"], "1011"
        everything = page.api("/api/sessions?limit=1000")
        failed = len(page.api("/api/sessions?close_code=1011&limit=1000"))
        named = len(page.api(f"/api/sessions?tenant={tenant}&limit=1000"))
        for typed, number in (
            *(("code:", 80), (f"code:{closed}", failed), ("101", failed), ("10", 80)),
            *(("code:101", failed), ("code:10", 80), ("tenant:", 80), (f"tenant:{tenant[:3]}", named)),
            *(("outcome:comp", sum(s["outcome"] == "completed" for s in everything)), ("said:", 80)),
        ):
            await page.browser.press("/")
            await page.browser.type(typed)
            await page.until_text("#list-foot", f"{number} session")
            assert "cannot be loaded" not in await page.text("#list"), typed
            await page.browser.press("Escape")
            await page.until_text("#list-foot", "80 sessions")
            await page.browser.press("Escape")
        await page.browser.press("/")
        await page.browser.type(everything[17]["id"])
        await page.browser.press("Enter")
        await page.until_text(".session .subtitle", everything[17]["id"])


async def test_words_that_were_said_are_found_where_they_are_kept(start, tmp_path):
    proxy = seeded(start, 60, "--seed", 5)
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#list-foot", "60 sessions")
        # What some of them said, and others did not, in other letters than it was said in.
        said = {
            one["id"]: " | ".join(
                words.lower()
                for turn in page.api(f"/api/sessions/{one['id']}")["turns"]
                for words in turn["transcript"].values()
                if words
            )
            for one in page.api("/api/sessions?limit=1000")
        }
        phrases = {phrase[:30].strip() for words in said.values() for phrase in words.split(" | ")}
        phrase, by_hand = next(
            (phrase, hits)
            for phrase in sorted(phrases)
            if len(phrase) > 8
            and 1 < len(hits := [one for one, words in said.items() if phrase in words]) < 60
        )
        asked = urllib.parse.quote(phrase.upper())
        found = page.api(f"/api/sessions?words={asked}&limit=1000")
        assert sorted(one["id"] for one in found) == sorted(by_hand)
        assert page.api("/api/sessions?words=%25&limit=1000") == []
        listed = subprocess.run(
            [PROGRAM, "sessions", "list", "--search", phrase, "--json", "--data", proxy.data],
            capture_output=True, check=True, timeout=60,
        )
        assert {one["id"] for one in json.loads(listed.stdout)} == set(by_hand)
        for typed in (f"said:{phrase}", phrase):
            await page.browser.press("/")
            await page.browser.type(typed)
            await page.until_text("#list-foot", f"{len(found)} session")
            await page.browser.press("Escape")
            await page.until_text("#list-foot", "60 sessions")
            await page.browser.press("Escape")


async def test_rows_lead_with_what_people_know_and_signs_do_not_pile_up(start, tmp_path):
    proxy = seeded(start, 40, "--seed", 3)
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#list-foot", "40 sessions")
        newest = page.api("/api/sessions?limit=1")[0]
        row = await page.text("#list .row")
        assert row.startswith(newest["tenant"]) and newest["id"] not in row
        session = next(
            one for one in page.api("/api/sessions?trouble=1") if one["remedies"].get("replayed")
        )
        await page.browser.value(f"location.hash = '#/s/{session['id']}'")
        await page.browser.until("document.querySelectorAll('.stage .tl-mark').length > 0")
        places = (
            "[...document.querySelectorAll('.stage .tl-mark')].map(node =>"
            " Number(/translate\\(([\\d.-]+)/.exec(node.getAttribute('transform'))[1]))"
        )
        counts = (
            "[...document.querySelectorAll('.stage .tl-mark')].reduce((sum, node) =>"
            " sum + Number(node.dataset.count), 0)"
        )
        for width in (1440, 390):
            await page.browser.size(width, 900)
            await asyncio.sleep(0.5)
            found = await page.browser.value(places)
            assert all(b - a >= 16 for a, b in zip(found, found[1:])), found
        # None is lost in a cluster: zoomed in, as many are drawn as were counted.
        assert await page.browser.value(counts) > len(found)
        legend = await page.text(".timeline .legend")
        assert "stalled" in legend and "fell back" not in legend, legend
        # The wall clock beside the relative one.
        axis = await page.browser.value(
            "[...document.querySelectorAll('.stage text.tl-clock')].map(n => n.textContent).join()"
        )
        assert ":" in axis
        await page.browser.value("document.querySelector('#tab-events').click()")
        texts = await page.browser.value(
            "[...document.querySelectorAll('#panel-events tbody tr')].map(row => row.innerText)"
        )
        assert not any("heard:" in text or "says:" in text for text in texts), texts
        lanes = [(text.split("\t")[2], text.split("\t")[3]) for text in texts]
        assert not any(
            a == b and "said" in a[1] for a, b in zip(lanes, lanes[1:])
        ), "an utterance in several rows"


async def test_a_live_session_is_drained_and_ended_from_the_page(start, tmp_path):
    simulator = start(Simulator)
    proxy = start(Proxy, simulator.url)
    async with inspecting(tmp_path, proxy) as page:
        async with calling(proxy) as caller:
            await page.browser.value(f"location.hash = '#/s/{caller.id}'")
            await page.until_text(".session .subtitle", caller.id)
            end = "document.querySelector('.orders .danger').click()"
            # Not before it is meant.
            await page.browser.value(end)
            await page.until_text("#confirm", "End this session?")
            await page.until_text("#confirm", caller.id)
            await page.browser.press("Escape")
            await page.browser.until("!document.querySelector('#confirm').open")
            assert page.api(f"/api/sessions/{caller.id}")["ended"] is None
            await page.browser.value(end)
            await page.browser.value("document.querySelector('#confirm-yes').click()")
            async with asyncio.timeout(ANSWER_SECONDS):
                await caller.socket.wait_closed()
        await page.browser.until("document.querySelector('.orders').hidden")
        await until(lambda: is_said(proxy, "session ordered to end"))
        async with calling(proxy) as caller:
            await page.browser.value(f"location.hash = '#/s/{caller.id}'")
            await page.until_text(".session .subtitle", caller.id)
            await caller.say()
            await page.browser.value("document.querySelector('.orders button').click()")
            await page.until_text("#confirm", "Drain this session?")
            await page.browser.value("document.querySelector('#confirm-yes').click()")
            async with asyncio.timeout(ANSWER_SECONDS):
                await caller.socket.wait_closed()
        await until(lambda: is_said(proxy, "session ordered to drain"))
        # It has talked to Gemini, and says how that is.
        await page.browser.value("location.hash = '#/'")
        await page.until_text("#upstreams", "Answers", 30)


async def test_nodes_with_one_ledger_are_shown_with_what_differs(start, tmp_path, postgres):
    def node(name, policy=""):
        return start(Proxy, "ws://127.0.0.1:1", policy, *postgres.options, "--node", name)

    first, second = node("a"), node("b")
    async with inspecting(tmp_path, first) as page:
        await page.until_text("#nodes", "with the same version and policies")
        names = "[...document.querySelectorAll('#nodes .who')].map(node => node.innerText)"
        assert await page.browser.value(names) == ["a", "b"]
        assert "Serving" in await page.text("#nodes")
        assert page.api("/api/nodes")[1]["node"] == "b"
        third = node("c", "limits: { sessions: 7 }\n")
        await page.until_text("#nodes", "policies differ")
        second.process.kill()
        second.process.wait()
        second.end()
        await page.until_text("#nodes", "Silent", 40)
        await page.until_text("#nodes", "last heard of")
        await asyncio.to_thread(third.end)
        # Who leaves is gone, and with it what differed.
        await page.until_text("#nodes", "with the same version and policies")


async def test_a_session_of_another_node_leads_to_that_node(start, tmp_path, postgres):
    simulator = start(Simulator)
    first, second = (start(Proxy, simulator.url, "", *postgres.options, "--node", name) for name in "ab")
    link = ".session .subtitle a.elsewhere"
    async with inspecting(tmp_path, first) as page, calling(second) as caller:
        own = f"http://127.0.0.1:{second.port('admin on')}"
        there = f"{own}/ui#/s/{caller.id}"
        known = f"SELECT count(*) FROM sessions WHERE id = '{caller.id}'"
        await until(lambda: postgres.number(known) == 1)
        await page.browser.value(f"location.hash = '#/s/{caller.id}'")
        await page.until_text(".session .subtitle", "Lives at node b")
        assert await page.browser.value(f"document.querySelector('{link}').href") == there
        assert page.api(f"/api/sessions/{caller.id}")["node_page"] == own
        # It is followed here as well, and its own node's page needs no way to itself.
        await caller.say()
        await page.until_text(".turn[data-turn='1']", "answered", 30)
        await page.browser.value(f"document.querySelector('{link}').click()")
        await page.browser.until(f"location.href === {json.dumps(there)}")
        await page.until_text(".session .subtitle", caller.id)
        assert await page.browser.value(f"document.querySelector('{link}')") is None
        # Nobody but a node says where a node is.
        for lie in ("javascript:alert(1)", "https://evil.example/x", "http://a@b", 'http://x"y', "http://", "b:8081"):
            postgres.psql(
                "CREATE OR REPLACE FUNCTION turnkeeper.lie() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$BEGIN NEW.admin = '{lie}'; RETURN NEW; END$$"
            )
            postgres.psql(
                "CREATE OR REPLACE TRIGGER lie BEFORE UPDATE ON turnkeeper.processes "
                "FOR EACH ROW WHEN (NEW.node = 'b') EXECUTE FUNCTION turnkeeper.lie()"
            )
            told = "SELECT admin FROM processes WHERE node = 'b'"
            await until(lambda: postgres.rows(told) == [[lie]])
            assert page.api(f"/api/sessions/{caller.id}")["node_page"] is None, lie


async def test_a_file_is_no_place_for_nodes(start, tmp_path):
    proxy = start(Proxy, "ws://127.0.0.1:1")
    async with inspecting(tmp_path, proxy) as page:
        await page.until_text("#upstreams", "has not talked to Gemini yet")
        assert await page.browser.value("document.querySelector('#nodes').hidden") is True
        assert page.api("/api/nodes") == []


# Every group that is drawn, and how many rows stand under it.
WATCH = """
window.seen = new Set(); window.wrong = [];
new MutationObserver(() => {
  const top = node => Number(/translateY\\(([\\d.]+)/.exec(node.style.transform)[1]);
  const lines = [...document.querySelectorAll('#list .group, #list .row')].sort((a, b) => top(a) - top(b));
  let group = null;
  const groups = [];
  for (const line of lines) {
    if (line.matches('.group')) groups.push(group = { line, rows: 0 }); else if (group) group.rows += 1;
  }
  for (const { line, rows } of groups) {
    const [label, number] = [...line.children].map(node => node.textContent);
    seen.add(label);
    if (Number(number) !== rows) wrong.push(`${label} ${number}: ${rows}`);
  }
}).observe(document.querySelector('#list'), { subtree: true, childList: true, characterData: true, attributes: true });
"""


async def test_a_group_counts_its_rows_also_while_trouble_that_is_over_lingers(start, tmp_path):
    scenario = tmp_path / "stalls.yaml"
    scenario.write_text(
        "name: stalls\nextends: quick\nfaults:\n  - end-ignored: { turns: [2] }\n"
    )
    proxy = start(Proxy, start(Simulator, "--scenario", scenario).url)
    async with inspecting(tmp_path, proxy) as page, calling(proxy) as caller:
        await page.until_text("#list .row", caller.id[:10])
        await page.browser.value(WATCH)
        await caller.say()
        await caller.say()
        # The page may hear of it when it is over.
        await page.browser.until("seen.has('Need attention')")
        await page.browser.until("[...document.querySelectorAll('#list .group')].every(one => one.textContent === 'Live1')")
        assert await page.browser.value("wrong") == []


async def test_a_recorded_session_can_be_heard(start, tmp_path):
    simulator = start(Simulator)
    token = tmp_path / "token"
    token.write_text("0123456789abcdef-secret\n")
    for name, record in (("heard", "audio"), ("mute", "on")):
        proxy = start(Proxy, simulator.url, f"log: {{ record: {record} }}")
        async with calling(proxy) as caller:
            await caller.say(1)
        folder = tmp_path / name
        folder.mkdir()
        async with inspecting(folder, proxy, f"#/s/{caller.id}") as page:
            await page.until_text(".title .pill", "Completed")
            spans = page.api(f"/api/sessions/{caller.id}/sound")
            button = "document.querySelector('.listen button')"
            if record == "on":
                assert spans == {"user": [], "gemini": []}
                assert await page.browser.value(f"{button}.hidden")
                continue
            # The recording is written beside the ledger.
            await until(lambda: all(page.api(f"/api/sessions/{caller.id}/sound").values()))
            spans = page.api(f"/api/sessions/{caller.id}/sound")
            (begin, end), *_ = spans["user"]
            # A second, which may be a longer one for a busy machine.
            assert 0.5 < end - begin < 5, spans
            assert spans["gemini"] and spans["gemini"][0][0] > begin
            path = f"{page.base}/api/sessions/{caller.id}/sound.wav"
            with urllib.request.urlopen(f"{path}?side=user&from={begin}&seconds=0.5") as answer:
                wav = answer.read()
            assert wav[:4] == b"RIFF" and len(wav) == 44 + 24_000
            samples = memoryview(wav[44:]).cast("h")
            assert max(samples) == 0x2211
            for wrong in ("seconds=61", "from=-1", "side=left", "else=1", "from=nan"):
                with pytest.raises(urllib.error.HTTPError, match="400"):
                    urllib.request.urlopen(f"{path}?{wrong}")
            await page.browser.until(f"!{button}.hidden")
            await page.browser.until("document.querySelectorAll('.stage .tl-sound').length >= 2")
            await page.browser.value(f"{button}.focus()")
            await page.browser.press("Enter")
            moved = "Number(document.querySelector('.tl-play').getAttribute('x1'))"
            await page.browser.until("document.querySelector('.tl-play').getAttribute('visibility') === 'visible'")
            first = await page.browser.value(moved)
            await page.browser.until(f"{moved} > {first} || {button}.innerText.includes('Listen')")
            # A click is where it goes on, playing or not.
            begun = []
            asked = "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('sound.wav'))"
            for part in (0.3, 0.7):
                x, y = await page.browser.value(
                    "(() => { const box = document.querySelector('.stage').getBoundingClientRect();"
                    f" return [box.x + box.width * {part}, box.y + box.height / 2]; }})()"
                )
                if not await page.browser.value(f"{button}.innerText.includes('Pause')"):
                    await page.browser.value(f"{button}.click()")
                # What is asked for from here on, the click asks for.
                await page.browser.until(
                    "document.querySelector('.tl-play').getAttribute('visibility') === 'visible'"
                    f" || {button}.innerText.includes('Listen')"
                )
                await page.browser.value("performance.clearResourceTimings()")
                await page.browser.click(x, y)
                if not await page.browser.value(f"{button}.innerText.includes('Pause')"):
                    await page.browser.value(f"{button}.click()")
                await page.browser.until(f"{asked}.length > 0")
                begun.append(float((await page.browser.value(f"{asked}[0]")).split("from=")[1].split("&")[0]))
            assert 0 < begun[0] < begun[1] < spans["gemini"][-1][1], begun
            # Whoever is quicker than the page is obeyed too: the last place is where it plays, once.
            await page.browser.value("performance.clearResourceTimings()")
            await page.browser.click(x, y)
            await page.browser.click(x - 40, y)
            await page.browser.value(f"{button}.innerText.includes('Pause') || {button}.click()")
            place = f"Number({asked}.at(-1)?.match(/from=([0-9.]+)/)[1] ?? NaN)"
            await page.browser.until(f"{place} < {begun[1]}")
            last = await page.browser.value(place)
            assert begun[0] < last, (begun, last)
    proxy = start(Proxy, simulator.url, "log: { record: audio }", "--admin-token", token)
    async with calling(proxy) as caller:
        await caller.say(0.5)
    admin = f"http://127.0.0.1:{proxy.port('admin on')}/api/sessions/{caller.id}/sound"
    for path in (admin, f"{admin}.wav"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(path)


async def test_typed_text_is_shown_as_what_the_user_said(start, tmp_path):
    simulator = start(Simulator)
    proxy = start(Proxy, simulator.url)
    typed = 'When do you open? <b>"now"</b> \u202e🙂'
    async with inspecting(tmp_path, proxy) as page:
        async with calling(proxy) as caller:
            await page.browser.value(f"location.hash = '#/s/{caller.id}'")
            turn = {"role": "user", "parts": [{"text": typed}]}
            content = {"clientContent": {"turns": [turn], "turnComplete": True}}
            await caller.socket.send(json.dumps(content))
            await caller.hear("turnComplete")
            await page.until_text(".turn[data-turn='1']", "answered")
            assert typed in await page.text(".turn[data-turn='1'] .said")
            await page.browser.value("document.querySelector('#tab-events').click()")
            await page.until_text("#panel-events", "User typed")


async def test_others_are_split_in_the_chart_by_day(start, tmp_path, monkeypatch):
    policies = {}
    for number in range(8):
        monkeypatch.setenv(f"KEY_{number}", f"client-key-0123456789-{number}")
        policies[f"tenant{number}.yaml"] = (
            f"match: {{{{ keys: [env:KEY_{number}] }}}}\nupstream: {{{{ url: UPSTREAM }}}}\n"
        ).replace("{{", "{").replace("}}", "}")
    async with tenants(start, policies) as (gemini, proxy):
        for number in range(8):
            one = await Session.open(proxy, gemini, f"client-key-0123456789-{number}")
            await one.turn(number + 1)
            await one.client.close()
        async with inspecting(tmp_path, proxy, "#/usage") as page:
            await page.until_text("#usage-view .tiles", "$36.00")
            assert (await page.text("#usage-view .tiles > div")).split("\n")[:2] == ["Today", "$36.00"]
            await page.until_text("#usage-view .legend", "Split the 3 others")
            assert "tenant1" not in await page.text("#usage-view .legend")
            await page.browser.value("document.querySelector('.others').click()")
            legend = await page.text("#usage-view .legend")
            assert all(f"tenant{number}" in legend for number in range(3)), legend
            assert "tenant7" not in legend
            await page.browser.value("document.querySelector('.others').click()")
            await page.until_text("#usage-view .legend", "tenant7")


async def test_light_and_dark(start, tmp_path):
    proxy = seeded(start, 20)
    # Relative luminance and contrast as WCAG 2 defines them, of colours as they are painted.
    contrast = """(() => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const light = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => {
          const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const probe = document.body.appendChild(document.createElement("p"));
      const colour = name => { probe.style.color = `var(--${name})`; return light(getComputedStyle(probe).color); };
      const pairs = PAIRS.map(([ink, ground]) => {
        const [a, b] = [colour(ink), colour(ground)].sort((x, y) => y - x);
        return [ink, ground, (a + 0.05) / (b + 0.05)]; });
      probe.remove();
      return pairs; })()"""
    pairs = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("ground", "surface", "sunken")]
    pairs += [("accent", "surface"), ("on-accent", "accent"), ("ink", "chosen"), ("ink-2", "chosen")]
    pairs += [(tone, f"{tone}-soft") for tone in ("good", "warn", "bad")]
    pairs += [(f"{lane}-ink", f"{lane}-soft") for lane in ("user", "gemini")]
    pairs += [(tone, "surface") for tone in ("good", "warn", "bad", "user-ink", "gemini-ink")]
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        ground = "getComputedStyle(document.body.parentElement).backgroundColor"
        grounds = {}
        for scheme in ("light", "dark"):
            await browser.prefer(prefers_color_scheme=scheme)
            grounds[scheme] = await browser.value(ground)
            found = await browser.value(contrast.replace("PAIRS", json.dumps(pairs)))
            faint = [(ink, ground, round(ratio, 2)) for ink, ground, ratio in found if ratio < 4.5]
            assert faint == [], f"{scheme}: too faint to read"
        assert grounds["light"] != grounds["dark"]
        await page.until_text("#theme", "Auto")
        await browser.press("t")
        await page.until_text("#theme", "Light")
        assert await browser.value(ground) == grounds["light"]
        await browser.press("t")
        await page.until_text("#theme", "Dark")
        # It is kept.
        await page.open()
        await page.until_text("#theme", "Dark")
        await browser.prefer(prefers_color_scheme="light")
        assert await browser.value(ground) == grounds["dark"]


async def test_the_token_is_asked_for_and_kept_in_the_tab(start, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef-secret\n")
    proxy = seeded(start, 10, options=("--admin-token", token))
    async with Browser(tmp_path / "profile") as browser:
        page = await Inspector(browser, proxy).open()
        with pytest.raises(urllib.error.HTTPError, match="401"):
            page.api("/api/sessions")
        await browser.until("document.querySelector('#login').open")
        assert await browser.value("document.activeElement.id") == "token"
        await browser.type("not the token at all")
        await browser.press("Enter")
        await page.until_text("#login-error", "Wrong token")
        assert await browser.value("document.querySelectorAll('.row').length") == 0
        await browser.type("0123456789abcdef-secret")
        await browser.press("Enter")
        await page.until_text("#list-foot", "10 sessions")
        await page.until_text("#link-state", "Live")
        assert await browser.value("document.querySelector('#login').open") is False
        # In the tab, in no address, in nothing that outlives it.
        await page.open()
        await page.until_text("#list-foot", "10 sessions")
        kept = await browser.value("JSON.stringify({ ...localStorage }) + location + document.cookie")
        assert "secret" not in kept


async def test_what_peers_said_is_never_more_than_text(start, tmp_path):
    proxy = seeded(start, 12, "--hostile")
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await page.until_text("#list-foot", "12 sessions")
        for session in page.api("/api/sessions"):
            await browser.value(f"location.hash = '#/s/{session['id']}'")
            await page.until_text(".session .subtitle", session["id"])
            for tab in ("story", "events", "links"):
                await browser.value(f"document.querySelector('#tab-{tab}').click()")
                await asyncio.sleep(0.05)
            await browser.value("document.querySelector('.stage').focus()")
            await browser.press("ArrowRight")
        assert "<script>" in await page.text("#detail")
        assert "NaN" not in await page.text("#detail")
        # However long their words are, they stay inside a narrow page.
        await browser.size(390, 844)
        for tab in ("links", "events", "story"):
            await browser.value(f"document.querySelector('#tab-{tab}').click()")
            await asyncio.sleep(0.3)
            wide = "(node => node.scrollWidth - node.clientWidth)(document.querySelector('#detail'))"
            assert await browser.value(wide) <= 0, tab
        await browser.size(1440, 900)
        await browser.value("location.hash = '#/usage'")
        await page.until_text("#usage-view", "<img src=x")
        assert await browser.value("document.title") != "owned"
        found = "document.querySelectorAll('img, iframe, object, embed, script:not([src])').length"
        assert await browser.value(found) == 0


async def test_what_is_spent_of_a_budget_is_shown(start, tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_KEY", "acme-client-key-0123456789")
    monkeypatch.setenv("NEIGHBOUR_KEY", "neighbour-client-key-0123456789")
    open_to = "match: {{ keys: [env:{}] }}\nupstream: {{ url: UPSTREAM }}\n"
    policies = {
        "acme.yaml": open_to.format("ACME_KEY") + "budget: { day_usd: 10 }",
        "neighbour.yaml": open_to.format("NEIGHBOUR_KEY"),
    }
    async with tenants(start, policies) as (gemini, proxy):
        for key, dollars in (("acme", 8.56), ("neighbour", 3)):
            one = await Session.open(proxy, gemini, f"{key}-client-key-0123456789")
            await one.turn(dollars)
            await one.client.close()
        async with inspecting(tmp_path, proxy, "#/usage") as page:
            # Nothing is rounded up to being used up, as on the command line.
            await page.until_text("#budgets", "85 %")
            said = await page.text("#budgets")
            assert "acme" in said and "$8.56" in said and "$10" in said and "neighbour" not in said
            await page.browser.value("document.querySelector('[data-span=\"1\"]').click()")
            await page.until_text("#usage-view", "Cost by day")
            await page.until_text("#budgets", "85 %")


async def test_whoever_does_not_see_the_page_can_use_it(start, tmp_path):
    proxy = seeded(start, 30)
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await page.until_text("#list-foot", "30 sessions")
        session = page.api("/api/sessions?trouble=1")[0]["id"]
        for fragment in ("#/", f"#/s/{session}", "#/usage"):
            await browser.value(f"location.hash = '{fragment}'")
            await asyncio.sleep(1)
            tree = (await browser.ask("Accessibility.getFullAXTree"))["nodes"]
            nodes = [node for node in tree if not node.get("ignored")]
            roles = [node["role"]["value"] for node in nodes]
            for landmark in ("banner", "navigation", "main"):
                assert roles.count(landmark) == 1, (fragment, landmark)
            assert "heading" in roles
            for node in nodes:
                if node["role"]["value"] in (
                    *("button", "link", "textbox", "searchbox", "slider", "tab", "listbox"),
                    *("option", "radio", "radiogroup", "tablist", "dialog"),
                ):
                    assert node["name"]["value"].strip(), (fragment, node)
            twice = await browser.value(
                "(ids => ids.filter((id, place) => ids.indexOf(id) !== place))"
                "([...document.querySelectorAll('[id]')].map(node => node.id))"
            )
            assert twice == [], fragment
        # Everything that acts can be reached by Tab, and shows that it was.
        await browser.value("location.hash = '#/'; document.activeElement.blur()")
        reached = []
        for _ in range(14):
            await browser.press("Tab")
            reached.append(await browser.value("document.activeElement.id || document.activeElement.textContent.trim()"))
            assert await browser.value(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                " || document.activeElement === document.body"
            ), reached
        for name in ("theme", "search", "list"):
            assert name in reached, reached


async def test_a_narrow_screen_shows_one_thing_at_a_time(start, tmp_path):
    proxy = seeded(start, 30)
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await browser.size(360, 740)
        await page.until_text("#list-foot", "30 sessions")
        shown = "[...document.querySelectorAll('.side, .detail')].map(n => n.offsetParent !== null)"
        assert await browser.value(shown) == [True, False]
        await browser.value("document.querySelector('.row').click()")
        await browser.until("document.querySelector('.title') !== null")
        assert await browser.value(shown) == [False, True]
        for fragment in (None, "#/usage", "#/"):
            if fragment:
                await browser.value(f"location.hash = '{fragment}'")
            await asyncio.sleep(1)
            assert await browser.value("document.documentElement.scrollWidth") <= 360, fragment
        await browser.until(f"JSON.stringify({shown}) === '[true,false]'")


async def test_a_lost_server_is_told_and_comes_back_by_itself(start, tmp_path):
    seeder = start(Seeder, 10)
    admin = f"127.0.0.1:{free_port()}"
    first = start(Proxy, "ws://127.0.0.1:1", data=seeder.data, admin=admin)
    async with Browser(tmp_path / "profile") as browser:
        page = await Inspector(browser, first).open()
        await page.until_text("#link-state", "Live")
        first.end()
        await page.until_text("#link-state", "Reconnecting")
        start(Proxy, "ws://127.0.0.1:1", data=seeder.data, admin=admin)
        await page.until_text("#link-state", "Live", 40)
        await page.until_text("#list-foot", "10 sessions")


async def test_a_thousand_sessions_some_of_them_live(start, tmp_path):
    """The page draws what is in sight, and answers while news keep coming."""
    proxy = seeded(start, 1000, live=60)
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await page.until_text("#fleet-live", "60")
        rows = "document.querySelectorAll('.row').length"
        await browser.until(f"{rows} > 5")
        assert await browser.value(rows) < 60
        # To the end, page by page.
        bottom = (
            "(() => { const list = document.querySelector('#list');"
            " list.scrollTop = list.scrollHeight;"
            " return /^1,?\\d\\d\\d sessions$/.test(document.querySelector('#list-foot').innerText); })()"
        )
        await browser.until(bottom, 60)
        assert await browser.value(rows) < 60
        everything = await browser.value("document.querySelectorAll('*').length")
        assert everything < 3000, everything
        # Frames keep coming while the whole list is there and news arrive.
        frames = await browser.value(
            "new Promise(done => { let frames = 0, start = performance.now();"
            " const tick = () => { frames += 1;"
            " performance.now() - start > 3000 ? done(frames) : requestAnimationFrame(tick); };"
            " requestAnimationFrame(tick); })"
        )
        assert frames > 15, frames
        # The list is still what the ledger says.
        await browser.value("document.querySelector('#list').scrollTop = 0")
        newest = page.api("/api/sessions?state=live&limit=1")[0]["id"]
        await page.until_text("#list", newest[:10], 30)
        await browser.press("/")
        await browser.type("tenant:kiosk outcome:completed")
        number = len(page.api("/api/sessions?tenant=kiosk&outcome=completed&limit=1000"))
        assert number > 50
        await page.until_text("#list-foot", f"{number if number < 200 else 200} session", 30)


async def test_pictures(start, tmp_path):
    """Light, dark, narrow, usage, and a thousand sessions; for people to look at."""
    proxy = seeded(start, 1000, live=24)
    async with inspecting(tmp_path, proxy) as page:
        browser = page.browser
        await page.until_text("#fleet-live", "24")

        async def picture(name):
            path = tmp_path / f"{name}.png"
            await asyncio.sleep(1.5)
            await browser.picture(path)
            assert 5_000 < path.stat().st_size < MOST_BYTES, name
            if os.environ.get("UPDATE"):
                IMAGES.mkdir(exist_ok=True)
                shutil.copy(path, IMAGES / path.name)

        story = next(
            session["id"]
            for session in page.api("/api/sessions?trouble=1&state=ended&limit=200")
            if session["remedies"].get("replayed") and 3 <= session["turn_count"] <= 5
        )
        await browser.prefer(prefers_color_scheme="light")
        await picture("inspector-1000-sessions")
        await browser.value(f"location.hash = '#/s/{story}'")
        await picture("inspector-light")
        await browser.prefer(prefers_color_scheme="dark")
        live = page.api("/api/sessions?state=live&limit=1000")
        troubled = [row for row in live if row["remedies"]] or live
        await browser.value(f"location.hash = '#/s/{troubled[0]['id']}'")
        await picture("inspector-dark")
        await browser.prefer(prefers_color_scheme="light")
        await browser.value("location.hash = '#/usage'")
        await picture("inspector-usage")
        await browser.size(390, 844)
        await browser.prefer(prefers_color_scheme="dark")
        await browser.value(f"location.hash = '#/s/{story}'")
        await picture("inspector-narrow")
