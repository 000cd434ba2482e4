"""Policies as an operator meets them: check, explain, secrets in files, rules on trial."""

import asyncio
import json
import os
import subprocess
import urllib.request

import pytest
from relay import MANUAL_SETUP, soon, text
from tenants import Session, tenants
from turnkeeper import PROGRAM, REPOSITORY
from websockets.exceptions import ConnectionClosed, InvalidStatus

EXAMPLES = "Policies/examples"
MODEL = "gemini-3.1-flash-live-preview"


def run(*arguments, cwd=REPOSITORY, **environment):
    return subprocess.run(
        [PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=cwd,
        env=os.environ | environment,
    )


def test_the_examples_pass_check_with_and_without_their_secrets():
    with_secrets = {
        "INTERVIEW_CLIENT_KEY": "interview-key",
        "EXAM_CLIENT_KEY": "exam-key",
        "GEMINI_API_KEY": "gemini-key",
    }
    said = run("check", "--policies", EXAMPLES, **with_secrets)
    assert said.returncode == 0 and "3 policies ok: exam, interview, support" in said.stdout
    assert "env:" not in said.stderr and "interview-key" not in said.stdout + said.stderr
    assert "support.yaml:8:10: warning: match.keys:" in said.stderr
    without = run("check", "--policies", EXAMPLES)
    assert without.returncode == 0
    missing = "match.keys: environment variable INTERVIEW_CLIENT_KEY is not set: export it first"
    assert f"interview.yaml:8:10: warning: {missing}" in without.stderr


def test_explain_says_what_holds_and_where_it_is_from():
    said = run("explain", "--policies", EXAMPLES, "--tenant", "interview", "--model", MODEL)
    assert said.returncode == 0, said
    rows = {line.split()[0]: line for line in said.stdout.splitlines() if line.strip()}
    assert "1.5s" in rows["turns.dead_air"]
    assert rows["turns.dead_air"].endswith("Policies/examples/interview.yaml:18")
    assert rows["upstream.url"].endswith("built-in")
    assert "profile gemini-3.1" in rows["stalls.hard"]
    assert "2026-10-09" in rows["profile.prices.date"]
    asked = ("explain", f"--policies={EXAMPLES}", "--tenant=exam", "--json", "--model")
    found = json.loads(run(*asked, MODEL).stdout)
    assert found["tenant"] == "exam" and found["allowed"] is True
    values = {line["key"]: line for line in found["values"]}
    assert values["limits.session"]["value"] == "20m"
    assert values["limits.session"]["from"].startswith("Policies/examples/exam.yaml:")
    assert json.loads(run(*asked, "gemini-3.8-live").stdout)["allowed"] is False
    shipped = run("explain", "--model", MODEL)
    assert shipped.returncode == 0 and "Policies/default.yaml:" in shipped.stdout


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (["--tenant", "exam"], "--model"),
        (["--tenant", "nobody", "--model", MODEL], "exam | interview | support"),
        (["--model", MODEL, "--policies", "no/such/directory"], "no/such/directory"),
    ],
)
def test_explain_asked_wrongly(arguments, hint):
    policies = [] if "--policies" in arguments else ["--policies", EXAMPLES]
    said = run("explain", *policies, *arguments)
    assert said.returncode == 2 and hint in said.stderr and not said.stdout


def test_explain_takes_the_only_tenant_and_says_whom_it_serves(tmp_path):
    def row(*options):
        said = run("explain", "--model", MODEL, *options)
        assert said.returncode == 0, said
        return next(line for line in said.stdout.splitlines() if line.startswith("match.anyone"))

    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert "true" in row("--policies", nothing) and "their own key" in row("--policies", nothing)
    (tmp_path / "acme.yaml").write_text("match: { keys: [env:A] }\n")
    assert "false" in row("--policies", tmp_path)
    (tmp_path / "acme.yaml").rename(tmp_path / "default.yaml")
    (tmp_path / "default.yaml").write_text("upstream: { key: env:A }\n")
    assert "false" in row("--policies", tmp_path) and "credential" in row("--policies", tmp_path)


def test_check_without_a_directory_says_so(tmp_path):
    said = run("check", cwd=tmp_path)
    assert said.returncode == 0 and "there is no directory Policies" in said.stdout, said
    assert run("check", "--strict", cwd=tmp_path).returncode == 2
    said = run("check", "--policies", tmp_path / "absent")
    assert said.returncode == 2 and ":1:1:" not in said.stdout and "--policies DIR" in said.stdout, said


async def test_secrets_in_files_are_read_again_when_they_change(start, tmp_path):
    client, upstream = tmp_path / "client-key", tmp_path / "gemini-key"
    client.write_text("first-client\n")
    upstream.write_text("first-gemini\n")
    policy = {
        "acme.yaml": f"match: {{ keys: ['file:{client}'] }}\n"
        f"upstream: {{ url: UPSTREAM, key: 'file:{upstream}' }}"
    }
    async with tenants(start, policy) as (gemini, proxy):
        await Session.open(proxy, gemini, "first-client")
        assert gemini.requests[0].headers["x-goog-api-key"] == "first-gemini"
        # As secrets are mounted: a new file put in place of the old one.
        for path, value in ((upstream, "other-gemini"), (client, "other-client")):
            made = path.with_suffix(".new")
            made.write_text(value)
            made.rename(path)
        async with asyncio.timeout(20):
            while True:
                try:
                    await Session.open(proxy, gemini, "other-client")
                    break
                except ConnectionClosed as refused:
                    assert refused.rcvd.code == 1007
                    await asyncio.sleep(0.1)
        assert gemini.requests[-1].headers["x-goog-api-key"] == "other-gemini"
        said = [line["changed"] for line in proxy.log() if line["message"] == "policies reloaded"]
        assert said and all(str(tmp_path) in line and "nothing" not in line for line in said), said
        with pytest.raises(ConnectionClosed):
            await Session.open(proxy, gemini, "first-client")
        # A key that is gone costs its own tenant's sessions, and says so without a secret.
        upstream.unlink()
        async with asyncio.timeout(20):
            while True:
                try:
                    await (await proxy.connect("other-client")).close()
                    await asyncio.sleep(0.1)
                except InvalidStatus as refused:
                    assert refused.response.status_code == 502
                    assert b"gemini-key" in refused.response.body
                    break


async def test_rules_on_trial_change_nothing_and_are_counted(start):
    rules = "repeated_activity, audio_outside_activity, stream_end_in_manual, empty_activity"
    modes = ", ".join(f"{rule}: observe" for rule in rules.split(", "))
    policy = {"default.yaml": f"upstream: {{ url: UPSTREAM }}\nturns: {{ rules: {{ {modes} }} }}"}
    async with tenants(start, policy) as (gemini, proxy):
        session = await Session.open(proxy, gemini, "any", MANUAL_SETUP)
        audio = '{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAA"}}}'
        script = [
            audio,
            '{"realtimeInput":{"audioStreamEnd":true}}',
            '{"realtimeInput":{"activityStart":{}}}',
            '{"realtimeInput":{"activityStart":{}}}',
            '{"realtimeInput":{"activityEnd":{}}}',
            text(200),
        ]
        for message in script:
            await session.client.send(message)
        assert [await soon(session.gemini.recv()) for _ in script] == script
        with urllib.request.urlopen(proxy.admin + "/metrics", timeout=10) as answer:
            metrics = answer.read().decode()
        for rule in rules.split(", "):
            assert f'rule="{rule}",mode="observe"}} 1' in metrics, rule
        assert 'mode="enforce"' not in metrics
