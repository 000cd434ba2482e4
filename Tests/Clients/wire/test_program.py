"""The program itself: what it says when asked wrongly, and how it ends."""

import asyncio
import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from relay import MANUAL_SETUP, Gemini, Relay, messages_of, relay, soon
from turnkeeper import PROGRAM, Proxy
from watching import freeze, until
from websockets.exceptions import ConnectionClosed


@pytest.mark.parametrize(
    "arguments", [["serve", "--no-such-option"], ["no-such-verb"], ["serve", "--listen"]]
)
def test_wrong_questions_have_answers(arguments):
    said = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30)
    assert said.returncode == 2, said
    assert "Try:" in said.stderr, said


def said_by(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=30, **options
    )


def test_help_explains_every_command_and_is_about_that_command():
    overview = said_by("--help")
    assert overview.returncode == 0 and overview.stdout == said_by("help").stdout
    commands = [line.split()[0] for line in overview.stdout.splitlines() if line[:2] == "  "]
    assert {"serve", "sessions", "version"} <= set(commands)
    for command in commands:
        said = said_by(command, "--help")
        assert said.returncode == 0 and not said.stderr, said
        assert said.stdout.startswith(f"turnkeeper {command} "), said
        assert said.stdout == said_by("help", command).stdout == said_by(command, "-h", "-x").stdout
    assert "--retention" not in said_by("usage", "--help").stdout


def test_what_is_mistyped_is_guessed():
    said = said_by("serv")
    assert said.returncode == 2 and "did you mean serve?" in said.stderr, said
    said = said_by("serve", "--lisen", "127.0.0.1:0")
    assert said.returncode == 2 and "did you mean --listen?" in said.stderr, said


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--node", "a"],
        ["serve", "--ledger-required", "no"],
        ["serve", "--ledger", "sqlite", "--ledger-password-file", "file"],
        ["usage", "--ledger-password-file", "file"],
    ],
)
def test_what_only_postgresql_has_is_refused_without_it(arguments, tmp_path):
    said = said_by(*arguments, cwd=tmp_path)
    option = [word for word in arguments if word[:2] == "--"][-1]
    assert said.returncode == 2 and not said.stdout, said
    assert f"{option} means nothing without --ledger postgres://" in said.stderr, said
    assert f"Try: turnkeeper {arguments[0]} --ledger postgres://" in said.stderr, said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "\u00e4", "a" * 65])
def test_a_nodes_name_is_short_and_plain(name, tmp_path):
    ledger = "postgres://user@127.0.0.1:1/calls"
    said = said_by("serve", "--ledger", ledger, "--node", name, cwd=tmp_path)
    assert said.returncode == 2 and "--node takes 1 to 64 letters" in said.stderr, said
    assert "Try: turnkeeper serve --node a" in said.stderr, said


def test_the_version_is_told_with_that_of_the_libraries():
    said = said_by("version")
    assert said.returncode == 0 and said.stdout == said_by("--version").stdout, said
    assert re.fullmatch(
        r"turnkeeper \d+\.\d+\.\d+(-dev)? \(OpenSSL 3\S+, libwebsockets \S+, SQLite 3\S+, libyaml \S+\)\n",
        said.stdout,
    ), said


def test_bash_completes_commands_options_and_values(tmp_path):
    (tmp_path / "completions").write_text(said_by("completions", "bash").stdout)

    def completed(*words):
        script = f"""
            source {tmp_path}/completions
            COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
            COMP_CWORD={len(words) - 1}
            _turnkeeper
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and not done.stderr, done
        return done.stdout.split()

    assert "serve" in completed("turnkeeper", "")
    assert completed("turnkeeper", "ver") == ["version"]
    assert completed("turnkeeper", "serve", "--ta") == ["--take-over"]
    assert completed("turnkeeper", "serve", "--log-format", "") == ["text", "json"]
    assert completed("turnkeeper", "sessions", "f") == ["follow"]


def test_the_man_page_is_one():
    page = said_by("manual").stdout
    if shutil.which("groff"):
        drawn = subprocess.run(
            ["groff", "-man", "-Tascii", "-ww"], input=page, capture_output=True, text=True
        )
        assert not drawn.stderr, drawn.stderr
        page = re.sub(r"\x1b\[\d*m|.\x08", "", drawn.stdout)
    assert "NAME" in page and "--take-over" in page.replace("\\-", "-")


@pytest.mark.parametrize("command", ["serve", "usage", "try"])
def test_an_empty_directory_is_none(command):
    said = said_by(command, "--data", "")
    assert said.returncode == 2 and "--data is empty" in said.stderr, said


def test_try_needs_room_for_two_more_ports():
    said = said_by("try", "--listen", "127.0.0.1:65535")
    assert said.returncode == 2 and "no room for the admin port" in said.stderr, said


def test_talk_asks_nothing_whose_answer_cannot_be_kept():
    # Nobody listens there, which would be the first complaint otherwise.
    said = said_by("talk", "--to", "127.0.0.1:9", "--out", "/nonexistent/a.wav")
    assert said.returncode == 1 and "/nonexistent/a.wav cannot be written" in said.stderr, said


def test_a_damaged_ledger_is_named_and_moved_aside(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"no ledger " * 500)
    said = said_by("usage", "--data", tmp_path)
    assert said.returncode == 1, said
    assert f"{tmp_path}/ledger.db: file is not a database" in said.stderr, said
    assert f"Try: mv {tmp_path}/ledger.db " in said.stderr, said


@pytest.mark.parametrize("form", [[], ["-traditional"]])
def test_nobody_is_asked_for_a_pass_phrase(tmp_path, form):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -days 1".split()
    subprocess.run([*make, "-keyout", tmp_path / "plain.pem", "-out", certificate], check=True)
    lock = ["openssl", "rsa", *form, "-aes256", "-passout", "pass:secret"]
    subprocess.run([*lock, "-in", tmp_path / "plain.pem", "-out", key], check=True)
    key.chmod(0o600)
    said = said_by(
        *("serve", "--listen", "127.0.0.1:0", "--admin", "off", "--data", tmp_path / "data"),
        *("--tls", f"{certificate},{key}"),
    )
    assert said.returncode == 2 and f"the key {key} is encrypted" in said.stderr, said
    assert "openssl pkey" in said.stderr and "pass phrase:" not in said.stderr, said


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


NO_ACCOUNT = '{"type": "authorized_user", "client_email": "a@b", "private_key": "x", "token_uri": "https://x"}'


@pytest.mark.parametrize(
    "key, content, words",
    [
        ("ca_file", None, "No such file"),
        ("ca_file", "", "certificate"),
        ("ca_file", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificates (PEM)"),
        ("ca_file", "a pipe", "is no file"),
        ("credentials", "{}", "not a service account"),
        ("credentials", NO_ACCOUNT, "not a service account"),
    ],
)
def test_a_file_that_gemini_cannot_be_reached_with_is_a_mistake(tmp_path, key, content, words):
    named, policies = tmp_path / "named", tmp_path / "policies"
    policies.mkdir()
    if content == "a pipe":
        os.mkfifo(named)
    elif content is not None:
        named.write_text(content)
        named.chmod(0o600)
    value = named if key == "ca_file" else f"file:{named}"
    (policies / "acme.yaml").write_text(f"match: {{ keys: [env:HOME] }}\nupstream:\n  {key}: '{value}'\n")
    for arguments in (["check"], ["check", "--strict"], ["serve", "--listen", "127.0.0.1:0", "--data", tmp_path / "d"]):
        said = subprocess.run(
            [PROGRAM, *arguments, "--policies", policies], capture_output=True, text=True, timeout=30
        )
        assert said.returncode == 2, said
        assert "acme.yaml:3:" in said.stderr and f"error: upstream.{key}: " in said.stderr, said
        assert words in said.stderr and "private_key" not in said.stderr, said


@pytest.mark.parametrize("content, words", [(None, "No such file"), ("", "certificate")])
async def test_certificates_with_which_no_report_can_be_delivered_are_told(start, tmp_path, content, words):
    """Sessions are served all the same, so it is no mistake in itself."""
    named, policies = tmp_path / "named", tmp_path / "policies"
    policies.mkdir()
    if content is not None:
        named.write_text(content)
    text = "match: { keys: [env:HOME] }\nnotify:\n  url: '%s'\n  secret: env:HOME\n  ca_file: '%s'\n"
    (policies / "acme.yaml").write_text(text % ("https://127.0.0.1:1/x", named))
    for strict, status, kind in (([], 0, "warning"), (["--strict"], 2, "error")):
        said = said_by("check", "--policies", policies, *strict)
        assert said.returncode == status, said
        assert "acme.yaml:5:" in said.stderr and f"{kind}: notify.ca_file: " in said.stderr, said
        assert words in said.stderr, said
    # Without TLS nobody reads it.
    (policies / "acme.yaml").write_text(text % ("http://127.0.0.1:1/x", named))
    assert "ca_file" not in said_by("check", "--strict", "--policies", policies).stderr


@pytest.mark.parametrize("place", ["certificate", "key"])
def test_a_pipe_in_place_of_a_file_is_a_mistake_at_once(tmp_path, place):
    files = {"certificate": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -days 1".split()
    subprocess.run([*make, "-keyout", files["key"], "-out", files["certificate"]], check=True)
    files[place].unlink()
    os.mkfifo(files[place], 0o600)
    said = said_by(
        *("serve", "--listen", "127.0.0.1:0", "--admin", "off", "--data", tmp_path / "data"),
        *("--tls", f"{files['certificate']},{files['key']}"),
    )
    assert said.returncode == 2 and f"{files[place]} cannot be read: it is no file" in said.stderr, said


async def test_a_policy_that_is_a_link_to_nowhere_is_noticed_and_so_is_its_end(start):
    async with relay(start) as both:
        link = pathlib.Path(both.proxy.option("--policies")) / "beta.yaml"
        link.symlink_to("/nowhere/beta.yaml")
        await until(lambda: "turnkeeper_policy_reload_success 0" in both.proxy.metrics())
        link.unlink()
        await until(lambda: "turnkeeper_policy_reload_success 1" in both.proxy.metrics())


async def test_a_policy_whose_name_ends_wrongly_is_noticed_and_so_is_its_end(start):
    async with relay(start) as both:
        policies = pathlib.Path(both.proxy.option("--policies"))
        for name in ("beta.yml", "BETA.YAML"):
            (policies / name).write_text("match: { keys: [env:HOME] }\n")
            told = f"{name}:1:1: error: policy files end in .yaml; rename"
            await until(lambda: told in both.proxy.log_path.read_text())
            await until(lambda: "turnkeeper_policy_reload_success 0" in both.proxy.metrics())
            (policies / name).unlink()
            await until(lambda: "turnkeeper_policy_reload_success 1" in both.proxy.metrics())


async def test_a_file_whose_permissions_are_mended_is_read_again(start, tmp_path):
    """Only its permissions change, as by the `chmod` that the message asks for."""
    key = tmp_path / "gemini.key"
    key.write_text("a-key-of-gemini-0123456789")
    key.chmod(0o600)
    async with Gemini() as gemini:
        log = start(Proxy, gemini.url, upstream=f"key: 'file:{key}'").log_path
        key.chmod(0o660)
        await until(lambda: f"{key} can be written by group or others: chmod go-w" in log.read_text())
        before = log.read_text().count("policies reloaded")
        key.chmod(0o600)
        await until(lambda: log.read_text().count("policies reloaded") > before)
        assert f'changed="files: {key}"' in log.read_text().splitlines()[-1]


def test_credentials_that_are_missing_here_may_be_there_where_they_serve(tmp_path):
    (tmp_path / "acme.yaml").write_text(
        "match: { keys: [env:HOME] }\nupstream: { credentials: 'file:/nowhere/account.json' }\n"
    )
    for strict, status, kind in (([], 0, "warning"), (["--strict"], 2, "error")):
        said = subprocess.run(
            [PROGRAM, "check", "--policies", tmp_path, *strict], capture_output=True, text=True, timeout=30
        )
        assert said.returncode == status and f"{kind}: upstream.credentials: /nowhere/account.json" in said.stderr, said


def test_plaintext_elsewhere_than_on_loopback_must_be_asked_for(tmp_path):
    said = subprocess.run(
        [PROGRAM, "serve", "--listen", "0.0.0.0:0", "--policies", tmp_path, "--data", tmp_path],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert said.returncode in (1, 2) and "--tls" in said.stderr, said


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
async def test_asked_to_end_it_closes_with_1001(start, wish):
    """With no turn open there is nothing to finish, so the end comes at once."""
    async with relay(start) as both:
        client, _ = await both.session()
        both.proxy.process.send_signal(wish)
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


# Those that stop a process, or that it must not survive, mean something.
MEANT = {"KILL", "STOP", "TSTP", "TTIN", "TTOU", "TERM", "INT", "HUP", "QUIT"}
MEANT |= {"ABRT", "ILL", "FPE", "SEGV", "BUS", "TRAP", "SYS"}


async def test_signals_that_mean_nothing_end_nothing(start):
    signals = signal.valid_signals() - {getattr(signal, f"SIG{name}") for name in MEANT}
    assert len(signals) > 40
    async with relay(start) as both:
        client, connection = await both.session()
        for number in sorted(signals):
            both.proxy.process.send_signal(number)
            await both.assert_passes(client, connection)
            both.proxy.assert_alive()


async def test_a_log_that_nobody_reads_keeps_nobody_from_ending_it(tmp_path):
    """stderr is a full pipe: sessions go on, and the second SIGTERM is obeyed at once."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    async with Gemini() as gemini:
        proxy = Proxy(tmp_path, gemini.url, "", "--log-level", "debug", stderr=writing)
        try:
            both = Relay(gemini, proxy)
            sessions = [await both.session() for _ in range(20)]
            for client, connection in sessions:
                await both.assert_passes(client, connection)
            proxy.process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                # Somebody is still talking, so that the first is not the end.
                await asyncio.to_thread(proxy.process.wait, 0.5)
            await until(lambda: not proxy.is_pending(signal.SIGTERM))
            proxy.process.send_signal(signal.SIGTERM)
            # A second, and two for a busy machine; the drain alone would take thirty.
            await asyncio.to_thread(proxy.process.wait, 3)
        finally:
            proxy.process.kill()
            os.close(reading)
            os.close(writing)
            proxy.end()


async def test_a_single_wish_to_end_is_enough_though_nobody_reads_the_log(tmp_path):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    async with Gemini() as gemini:
        proxy = Proxy(tmp_path, gemini.url, "", "--log-level", "debug", stderr=writing)
        try:
            both = Relay(gemini, proxy)
            for _ in range(30):
                client, _ = await both.session()
                await client.close()
            proxy.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(proxy.process.wait, 20)
        finally:
            proxy.process.kill()
            os.close(reading)
            os.close(writing)
            proxy.end()


SPEECH = json.dumps(
    {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAEC" * 900}}}
)


async def note_kinds(connection, heard):
    async for message in messages_of(connection):
        heard.append(next(iter(json.loads(message)["realtimeInput"])))


async def test_what_arrived_while_the_process_stood_still_is_heard_before_any_clock_strikes(start):
    """SIGSTOP in the middle of a sentence: it stays one activity, and the answer one answer."""
    async with relay(start) as both:
        client, connection = await both.session(MANUAL_SETUP)
        heard = []
        listening = asyncio.create_task(note_kinds(connection, heard))
        await client.send('{"realtimeInput":{"activityStart":{}}}')
        # Six seconds: longer than any clock that could strike meanwhile.
        for number in range(350):
            if number == 20:
                freeze(both.proxy.process)
            if number == 330:
                both.proxy.process.send_signal(signal.SIGCONT)
            await client.send(SPEECH)
            await asyncio.sleep(0.02)
        await client.send('{"realtimeInput":{"activityEnd":{}}}')
        async with asyncio.timeout(20):
            while "activityEnd" not in heard or len(heard) < 352:
                await asyncio.sleep(0.05)
        assert [kind for kind in heard if kind != "audio"] == ["activityStart", "activityEnd"]
        assert heard.count("audio") == 350 and heard[-1] == "activityEnd"
        listening.cancel()


STALLS = "stalls: { soft: 1500ms, hard: 3s }"
VOICE = {"mimeType": "audio/pcm;rate=24000", "data": "f4B/" * 9000}
SPOKEN = json.dumps({"serverContent": {"modelTurn": {"parts": [{"inlineData": VOICE}]}}})
QUESTION = '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"?"}]}],"turnComplete":true}}'


async def test_an_answer_that_came_while_the_process_stood_still_is_no_stall(start):
    """Stopped before the clocks of the answer are due, and let go long after: it lies in the socket."""
    async with relay(start, STALLS) as both:
        client, connection = await both.session()
        heard = []

        async def listen():
            async for message in messages_of(connection):
                heard.append(message)

        listening = asyncio.create_task(listen())
        for round_ in range(3):
            await client.send(QUESTION)
            await until(lambda: len(heard) == round_ + 1)
            freeze(both.proxy.process)
            await connection.send(SPOKEN)
            await connection.send('{"serverContent":{"generationComplete":true}}')
            await connection.send('{"serverContent":{"turnComplete":true}}')
            await asyncio.sleep(5)
            both.proxy.process.send_signal(signal.SIGCONT)
            for wanted in ("modelTurn", "generationComplete", "turnComplete"):
                assert wanted in str(await soon(client.recv()))
        await asyncio.sleep(4)
        assert len(heard) == 3, heard
        for name in ("nudges_total", "reconnects_total", "stalls_total"):
            assert both.proxy.count(name) == 0, name
        assert both.gemini._connections.empty()
        listening.cancel()


@pytest.mark.parametrize("late", [0.005, 0.02, 0.04, 0.06, 0.08])
async def test_a_clock_that_is_just_due_waits_for_what_arrived_before_the_process_goes_on(start, late):
    """The rest of the sentence came while it was stopped, for a little longer than turns.dead_air."""
    async with relay(start) as both:
        client, connection = await both.session(MANUAL_SETUP)
        heard = []
        listening = asyncio.create_task(note_kinds(connection, heard))
        await client.send('{"realtimeInput":{"activityStart":{}}}')
        await client.send(SPEECH)
        last = time.monotonic()
        await until(lambda: heard == ["activityStart", "audio"])
        freeze(both.proxy.process)
        for _ in range(19):
            await client.send(SPEECH)
        await client.send('{"realtimeInput":{"activityEnd":{}}}')
        await asyncio.sleep(last + 1.2 + late - time.monotonic())
        both.proxy.process.send_signal(signal.SIGCONT)
        await until(lambda: len(heard) >= 22)
        assert heard == ["activityStart", *["audio"] * 20, "activityEnd"]
        listening.cancel()


async def test_a_service_manager_hears_of_start_life_reload_and_end(tmp_path):
    """sd_notify(3), with a socket of ours in systemd's place."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(20)
        process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--admin", "off"],
            cwd=tmp_path,
            env=os.environ | {"NOTIFY_SOCKET": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def heard(wanted):
            for _ in range(100):
                state = manager.recv(4096).decode().split("\n")
                if state[0] == wanted:
                    return state
            raise AssertionError(f"no {wanted}")

        try:
            assert heard("READY=1")[1].startswith("STATUS=listening on 127.0.0.1:")
            for _ in range(3):
                heard("WATCHDOG=1")
            process.send_signal(signal.SIGHUP)
            assert heard("RELOADING=1")[1].startswith("MONOTONIC_USEC=")
            heard("READY=1")
            process.send_signal(signal.SIGTERM)
            assert heard("STOPPING=1")[1].startswith("EXTEND_TIMEOUT_USEC=")
            assert process.wait(20) == 0
        finally:
            process.kill()
