"""The program itself: what it says when asked wrongly, and how it ends."""

import signal
import subprocess

import pytest
from relay import relay, soon
from turnkeeper import PROGRAM
from websockets.exceptions import ConnectionClosed


@pytest.mark.parametrize(
    "arguments", [["serve", "--no-such-option"], ["no-such-verb"], ["serve", "--listen"]]
)
def test_wrong_questions_have_answers(arguments):
    said = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30)
    assert said.returncode == 2, said
    assert "Try:" in said.stderr, said


def test_a_broken_policy_is_refused_with_its_place(tmp_path):
    (tmp_path / "default.yaml").write_text("turns:\n  dead_air: 1.2\n  dead_aire: 1s\n")
    for arguments in (["check"], ["serve", "--listen", "127.0.0.1:0"]):
        said = subprocess.run(
            [PROGRAM, *arguments, "--policies", tmp_path],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert said.returncode == 2, said
        assert "default.yaml:2:" in said.stdout + said.stderr, said
        assert "default.yaml:3:" in said.stdout + said.stderr, said


def test_plaintext_elsewhere_than_on_loopback_must_be_asked_for(tmp_path):
    said = subprocess.run(
        [PROGRAM, "serve", "--listen", "0.0.0.0:0", "--policies", tmp_path, "--data", tmp_path],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert said.returncode in (1, 2) and "--tls" in said.stderr, said


async def test_asked_to_end_it_closes_with_1001(start):
    """With no turn open there is nothing to finish, so the end comes at once."""
    async with relay(start) as both:
        client, _ = await both.session()
        both.proxy.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as ended:
            await soon(client.recv(), 40)
        assert ended.value.rcvd.code == 1001
        both.proxy.end()
        assert both.proxy.process.returncode == 0


async def test_metrics_count_the_sessions(start):
    async with relay(start) as both:
        await both.session()
        lines = both.proxy.metrics().splitlines()
        assert all(line.startswith("#") or " " in line for line in lines if line)
        active = [line for line in lines if line.startswith("turnkeeper_sessions_active")]
        assert sum(float(line.rsplit(" ", 1)[1]) for line in active) == 1, lines
