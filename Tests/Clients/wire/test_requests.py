"""Request heads that must be refused before anything of them reaches gemini."""

import asyncio
import re

import pytest
from relay import Raw, relay, upgrade_request
from turnkeeper import PATH
from watching import until

BAD = {400}
RESET = 0

REFUSED = {
    # Where one request ends and the next begins is not up for discussion.
    "two content lengths": (BAD, dict(headers=["Content-Length: 0", "Content-Length: 5"])),
    "a body": (BAD | {413}, dict(headers=["Content-Length: 5"])),
    "a signed length": (BAD, dict(headers=["Content-Length: +0"])),
    "a list of lengths": (BAD, dict(headers=["Content-Length: 0, 0"])),
    "chunked": (BAD | {501}, dict(headers=["Transfer-Encoding: chunked"])),
    "chunked twice": (
        BAD | {501},
        dict(headers=["Transfer-Encoding: identity", "Transfer-Encoding: chunked"]),
    ),
    "chunked and a length": (
        BAD | {501},
        dict(headers=["Transfer-Encoding: chunked", "Content-Length: 0"]),
    ),
    "chunked behind a tab": (BAD | {501}, dict(headers=["Transfer-Encoding:\tchunked"])),
    # Headers that two parsers would read as two different things.
    "a space before the colon": (BAD, dict(headers=["X-Goog-Api-Key : a"])),
    "a folded header": (BAD, dict(headers=["X-Note: a", " b"])),
    "a header with no colon": (BAD, dict(headers=["nonsense"])),
    "a header with no name": (BAD, dict(headers=[": a"])),
    "a space in a name": (BAD, dict(headers=["X Note: a"])),
    "a control byte in a name": (BAD, dict(headers=["X\x01Note: a"])),
    "a zero byte in a value": (BAD, dict(headers=["X-Note: a\x00b"])),
    "a bare CR in a value": (BAD, dict(headers=["X-Note: a\rb"])),
    "a bare LF in a value": (BAD, dict(headers=["X-Note: a\nX-Goog-Api-Key: b\x01"])),
    # Who is asked for is said once.
    "two hosts": (BAD, dict(headers=["Host: example.com"])),
    "no host": (BAD, dict(drop=["Host"])),
    # The request line is three words of printable bytes.
    "a tab in the request line": (BAD, dict(line=f"GET\t{PATH} HTTP/1.1")),
    "two spaces": (BAD, dict(line=f"GET  {PATH} HTTP/1.1")),
    "a space in the target": (BAD, dict(line=f"GET {PATH} x HTTP/1.1")),
    "a control byte in the target": (BAD, dict(line=f"GET {PATH}\x01 HTTP/1.1")),
    "a high byte in the target": (BAD, dict(line=f"GET {PATH}\xff HTTP/1.1")),
    "a fragment in the target": (BAD, dict(line=f"GET {PATH}#x HTTP/1.1")),
    "HTTP/1.0": (BAD | {426, 505}, dict(line=f"GET {PATH} HTTP/1.0")),
    "HTTP/2.0": (BAD | {505}, dict(line=f"GET {PATH} HTTP/2.0")),
    "no version": (BAD, dict(line=f"GET {PATH}")),
    "a lower-case method": (BAD | {405, 501}, dict(line=f"get {PATH} HTTP/1.1")),
    "POST": (BAD | {405}, dict(line=f"POST {PATH} HTTP/1.1")),
    "CONNECT": (BAD | {405, 501}, dict(line="CONNECT example.com:443 HTTP/1.1")),
    "an absolute target of another host": (BAD, dict(line=f"GET http://example.com{PATH} HTTP/1.1")),
    # What RFC 6455 section 4.2.1 asks of an upgrade.
    "no upgrade": (BAD | {426}, dict(drop=["Upgrade"])),
    "no connection upgrade": (BAD | {426}, dict(drop=["Connection"])),
    "no key": (BAD, dict(drop=["Sec-WebSocket-Key"])),
    "a short key": (BAD, dict(drop=["Sec-WebSocket-Key"], headers=["Sec-WebSocket-Key: YQ=="])),
    "a key that is not base64": (
        BAD,
        dict(drop=["Sec-WebSocket-Key"], headers=["Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=="]),
    ),
    "two keys": (BAD, dict(headers=["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="])),
    "version 8": (
        {426, 400},
        dict(drop=["Sec-WebSocket-Version"], headers=["Sec-WebSocket-Version: 8"]),
    ),
    # Bounds. What is still on its way may reset the connection before the answer is read.
    "a header of 1 MiB": (BAD | {431, RESET}, dict(headers=["X-Note: " + "a" * (1 << 20)])),
    "100,000 headers": (BAD | {431, RESET}, dict(headers=[f"X-{n}: a" for n in range(100_000)])),
    "a target of 1 MiB": (BAD | {414, 431, RESET}, dict(path=PATH + "?" + "a" * (1 << 20))),
}


async def test_smuggled_and_broken_requests_are_refused(start):
    """Each with a status that says why, the connection closed behind it, and nothing upstream."""
    wrong = []
    async with relay(start) as both:
        for name, (statuses, request) in REFUSED.items():
            raw = await Raw.open(both.proxy)
            # A second request behind the first must not be answered either.
            raw.send(upgrade_request(**request) + upgrade_request())
            answer = await raw.answer()
            answers = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)] or [RESET]
            if not raw.ended or len(answers) > 1 or answers[0] not in statuses:
                wrong.append((name, answer[:80], raw.ended))
            if both.gemini.requests:
                wrong.append((name, "reached gemini"))
                both.gemini.requests.clear()
            raw.close()
        assert not wrong
        client, connection = await both.session()
        await both.assert_passes(client, connection)


async def test_bare_line_feeds_are_refused(start):
    async with relay(start) as both:
        raw = await Raw.open(both.proxy)
        raw.send(upgrade_request().replace(b"\r\n", b"\n"))
        assert (await raw.answer()).startswith(b"HTTP/1.1 400 ")
        assert not both.gemini.requests


async def test_version_asked_for_is_named(start):
    async with relay(start) as both:
        raw = await Raw.open(both.proxy)
        raw.send(
            upgrade_request(
                drop=["Sec-WebSocket-Version"], headers=["Sec-WebSocket-Version: 8"]
            )
        )
        answer = await raw.answer()
        assert answer.startswith(b"HTTP/1.1 426 ")
        assert b"sec-websocket-version: 13" in answer.lower()


async def test_slow_openings_end(start):
    """A connection that never gets to the point is closed; in HTTP, with 408."""
    half_a_head = upgrade_request()[:-20]
    half_a_hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100)
    async with relay(start) as both:
        neighbour = await both.session()

        async def opening(first, drips=b""):
            raw = await Raw.open(both.proxy)

            async def dribble():
                raw.send(first)
                while drips:
                    await asyncio.sleep(0.5)
                    raw.send(drips)

            dribbling = asyncio.create_task(dribble())
            answer = await raw.answer(seconds=40)
            dribbling.cancel()
            raw.close()
            return raw.ended, answer

        silent, hello, *requests = await asyncio.gather(
            opening(b""),
            opening(half_a_hello),
            opening(b"GE"),
            opening(half_a_head),
            opening(half_a_head, drips=b"b"),
        )
        assert silent[0] and hello[0]
        for ended, answer in requests:
            assert ended and answer.startswith(b"HTTP/1.1 408 ")
            # Each is told its id, and the operator why.
            (name,) = re.findall(rb"(?i)x-turnkeeper-session: (\w{26})\r", answer)
            line = re.compile(rf"session refused.*{name.decode()}.*408")
            await until(lambda: line.search(both.proxy.log_path.read_text()))
        assert both.proxy.count("refusals_total", code="408", reason="request") >= 3
        await both.assert_passes(*neighbour)
        assert len(both.gemini.requests) == 1


@pytest.mark.parametrize(
    "nonsense",
    [b"\x00" * 4096, b"\x16\x03\x01\x00\x05hello", b"\xff" * 70_000, b"\r\n" * 40_000],
    ids=["zeros", "no TLS", "high bytes", "blank lines"],
)
async def test_nonsense_is_closed(start, nonsense):
    async with relay(start) as both:
        raw = await Raw.open(both.proxy)
        raw.send(nonsense)
        answer = await raw.answer()
        assert answer == b"" or not answer.startswith(b"HTTP/1.1 2")
        client, connection = await both.session()
        await both.assert_passes(client, connection)


async def test_a_scan_of_ports_does_not_fill_the_log(start):
    """What is no request at all is counted each time, and told as often as somebody can read."""
    scanned = 300
    async with relay(start) as both:

        async def scan():
            raw = await Raw.open(both.proxy)
            raw.send(b"\x03\x00\x00\x13\x0e\xe0\r\n\r\n")
            await raw.answer(seconds=20)
            raw.close()

        for _ in range(0, scanned, 20):
            await asyncio.gather(*(scan() for _ in range(20)))
        assert both.proxy.count("refusals_total", code="400", reason="request") == scanned
        # Each worker's burst, and one a second for as long as it took.
        await asyncio.sleep(1.1)
        for _ in range(20):
            await scan()
        lines = re.findall(r"session refused.*", both.proxy.log_path.read_text())
        told = [int(n) for n in re.findall(r"others_not_logged\D+(\d+)", "\n".join(lines))]
        assert 0 < len(lines) < scanned - 100 and sum(told) + len(lines) > scanned - 100
        assert sum(told) + len(lines) <= scanned + 20
