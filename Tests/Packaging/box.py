"""Systems where nothing of ours is installed: a minimal Debian in a folder, entered by chroot."""

import contextlib
import os
import pathlib
import select
import shlex
import shutil
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# Made once, for it takes a minute and more; `make clean` takes it away.
BASE = REPOSITORY / ".build/box"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The sentence of `make talk`, and what the simulated gemini says to it.
QUESTION, ANSWER = "What is the capital of France?", "The capital of France is Paris."


def bootstrap():
    """The pristine folder, made where it is missing."""
    if not BASE.exists():
        fresh = BASE.with_name("box.new")
        shutil.rmtree(fresh, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", fresh, MIRROR)
        fresh.rename(BASE)
    return BASE


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{shlex.join(done.args)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Box:
    """A copy of that folder. It has the machine's network, and its own files and processes."""

    def __init__(self, folder):
        self.folder = folder
        run("cp", "-a", "--reflink=auto", bootstrap(), folder)
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        (folder / "etc/hosts").write_text("127.0.0.1 localhost\n")
        for file in pathlib.Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(file, folder / "etc/apt/apt.conf.d")

    def command(self, *command):
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        return [*enter, f"--root={self.folder}", "--wd=/srv", *map(str, command)]

    def run(self, *command, **environment):
        return run(*self.command(*command), env=self.environment(environment), timeout=600)

    @staticmethod
    def environment(more):
        passed = {name: os.environ[name] for name in os.environ if name.lower().endswith("_proxy")}
        return {"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"} | passed | more

    def put(self, file, where="srv"):
        shutil.copy(file, self.folder / where / file.name)
        return f"/{where}/{file.name}"

    @contextlib.contextmanager
    def running(self, *command, **environment):
        """A server in the box: yields the port after `listening on`, and ends it."""
        process = subprocess.Popen(
            self.command(*command),
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            # A program that says nothing must not hold up the rest.
            ready, _, _ = select.select([process.stdout], [], [], 60)
            line = process.stdout.readline() if ready else ""
            assert line.startswith("listening on "), (line, process.poll())
            yield int(line.rsplit(":", 1)[1])
        finally:
            process.kill()
            process.wait(10)


def ask_by_google_genai(port, authority):
    """What `make talk` does, from outside."""
    environment = os.environ | {
        "GOOGLE_GEMINI_BASE_URL": f"https://localhost:{port}",
        "SSL_CERT_FILE": str(authority),
        "GOOGLE_API_KEY": "any",
    }
    program = REPOSITORY / ".venv/genai3/bin/python"
    talk = REPOSITORY / "Examples/talk.py"
    said = run(program, talk, env=environment, cwd=authority.parent, timeout=120)
    assert QUESTION in said and ANSWER in said, said


class Clock:
    """The seconds since somebody typed the first command."""

    def __init__(self):
        self.start = time.monotonic()

    def assert_within_a_minute(self, what):
        seconds = time.monotonic() - self.start
        print(f"{what}: answered after {seconds:.1f} s")
        assert seconds < 60, f"{what} took {seconds:.1f} s to its first answer"
