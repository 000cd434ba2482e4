"""Each package, in a Debian that has neither Swift nor any library of ours: it installs, serves, and
answers the sentence of `make talk` within a minute of the first command."""

import importlib.util
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import zipfile

import box
import pytest
from box import Clock, ask_by_google_genai

PORTS = ("--listen", "127.0.0.1:0")
SONAMES = ["libwebsockets", "libssl", "libcrypto", "libsqlite3", "libyaml", "libwebrtc"]


def assert_serves(one, program, clock, what):
    """Serves, answers by the program's own client in the box, and google-genai outside."""
    data = one.folder / "srv/trial"
    with one.running(program, "try", *PORTS, "--data", "/srv/trial") as port:
        said = one.run(program, "talk", "--to", f"127.0.0.1:{port}", "--out", "/srv/answer.wav")
        assert box.ANSWER in said, said
        clock.assert_within_a_minute(what)
        ask_by_google_genai(port, data / "ca.pem")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_the_box_has_nothing_of_ours(fresh):
    assert shutil.which("swift", path=str(fresh.folder / "usr/bin")) is None
    known = fresh.run("ldconfig", "-p")
    assert not [name for name in SONAMES if name in known]


def test_the_tarball(fresh, tarball):
    archive = fresh.put(tarball)
    clock = Clock()
    fresh.run("tar", "-xzf", archive, "-C", "/usr/local", "--strip-components=1")
    assert_serves(fresh, "turnkeeper", clock, "tarball")


def test_the_tarball_anywhere_else(fresh, tarball):
    fresh.run("tar", "-xzf", fresh.put(tarball), "-C", "/srv")
    folder = tarball.name.removesuffix(".tar.gz")
    assert fresh.run(f"/srv/{folder}/bin/turnkeeper", "version").startswith("turnkeeper ")
    fresh.run("ln", "-s", f"/srv/{folder}/bin/turnkeeper", "/usr/bin/tk")
    assert fresh.run("tk", "version").startswith("turnkeeper ")


@pytest.mark.parametrize("place", ["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt"])
def test_gemini_is_verified_by_the_roots_of_debian_and_of_red_hat(fresh, tarball, place):
    """OpenSSL is Debian's, and looks only there."""
    fresh.run("tar", "-xzf", fresh.put(tarball), "-C", "/usr/local", "--strip-components=1")
    with fresh.running("turnkeeper", "simulate", *PORTS, "--data", "/srv/sim") as upstream:
        policies = fresh.folder / "srv/policies"
        policies.mkdir()
        (policies / "default.yaml").write_text(f"upstream: {{ url: 'wss://localhost:{upstream}' }}\n")
        serve = ["turnkeeper", "serve", *PORTS, "--admin", "off", "--policies", "/srv/policies"]
        talk = ["turnkeeper", "talk", "--out", "/srv/answer.wav", "--to"]
        with fresh.running(*serve, "--data", "/srv/data") as port:
            with pytest.raises(AssertionError, match="certificate"):
                fresh.run(*talk, f"127.0.0.1:{port}")
        roots = fresh.folder / place
        roots.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fresh.folder / "srv/sim/ca.pem", roots)
        with fresh.running(*serve, "--data", "/srv/data") as port:
            assert box.ANSWER in fresh.run(*talk, f"127.0.0.1:{port}")


def test_the_debian_package(fresh, deb):
    package = fresh.put(deb)
    clock = Clock()
    fresh.run("apt-get", "-qq", "install", "-y", "--no-install-recommends", package)
    assert_serves(fresh, "turnkeeper", clock, "deb")


def test_the_debian_package_by_dpkg_alone_and_gone_again(fresh, deb):
    fresh.run("dpkg", "--install", fresh.put(deb))
    fresh.run("dpkg", "--install", f"/srv/{deb.name}")
    fresh.run("dpkg", "--remove", "turnkeeper")
    assert (fresh.folder / "etc/default/turnkeeper").exists()
    fresh.run("dpkg", "--purge", "turnkeeper")
    left = fresh.run("find", "/", "-xdev", "-name", "*turnkeeper*", "-not", "-path", "/srv/*")
    assert not [line for line in left.split() if not line.startswith("/proc")], left
    assert "turnkeeper" not in (fresh.folder / "etc/passwd").read_text()


def test_the_wheel(fresh, wheel):
    fresh.run("apt-get", "-qq", "update")
    fresh.run("apt-get", "-qq", "install", "-y", "--no-install-recommends", "python3-venv")
    package = fresh.put(wheel)
    clock = Clock()
    fresh.run("python3", "-m", "venv", "/srv/env")
    fresh.run("/srv/env/bin/pip", "install", "--quiet", "--no-index", package)
    assert (fresh.folder / "srv/env/lib/turnkeeper/libssl.so.3").exists()
    path = f"/srv/env/bin:{box.PATH}"
    assert fresh.run("sh", "-c", "turnkeeper version", PATH=path).startswith("turnkeeper ")
    assert_serves(fresh, "/srv/env/bin/turnkeeper", clock, "wheel")
    fresh.run("/srv/env/bin/pip", "uninstall", "--quiet", "--yes", "turnkeeper")
    assert not (fresh.folder / "srv/env/lib/turnkeeper").exists()


def test_make_install_puts_it_below_a_prefix(tmp_path):
    box.run("make", "-C", box.REPOSITORY, "install", f"DESTDIR={tmp_path}", "PREFIX=/opt/tk")
    assert box.run(tmp_path / "opt/tk/bin/turnkeeper", "version").startswith("turnkeeper ")
    assert (tmp_path / "opt/tk/share/man/man1/turnkeeper.1.gz").exists()


# -- What is in them ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def dist():
    spec = importlib.util.spec_from_file_location("dist", box.REPOSITORY / "Packaging/dist.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tree(tarball, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    box.run("tar", "-xzf", tarball, "-C", folder)
    (inside,) = folder.iterdir()
    return inside


def binaries(tree):
    return {"turnkeeper": tree / "bin/turnkeeper"} | {
        path.name: path for path in (tree / "lib/turnkeeper").iterdir()
    }


def test_no_binary_asks_for_more_than_glibc_2_34(dist, tree):
    assert dist.complaints(binaries(tree)) == []
    assert dist.newest_symbols(tree / "bin/turnkeeper")["GLIBC"] <= (2, 34)


def test_what_asks_for_more_or_misses_a_library_would_be_refused(dist, tree, tmp_path, monkeypatch):
    monkeypatch.setitem(dist.LIMITS, "GLIBC", (2, 33))
    assert any("turnkeeper needs GLIBC_2.34" in one for one in dist.complaints(binaries(tree)))
    few = binaries(tree)
    del few["libcrypto.so.3"]
    assert "libssl.so.3 needs libcrypto.so.3, which is not in the tree" in dist.complaints(few)


def test_every_library_has_its_licence_and_where_it_is_from(tree):
    doc = tree / "share/doc/turnkeeper"
    listed = (doc / "BUNDLED.txt").read_text()
    for name in binaries(tree):
        if name == "turnkeeper":
            continue
        row = next(line for line in listed.splitlines() if line.startswith(name))
        _, package, version = row.split()
        assert re.match(r"\d", version), row
        assert "icen" in (doc / f"licences/{package}.txt").read_text(errors="replace"), row
    assert "Apache License" in (doc / "LICENSE").read_text()
    assert "Runtime Library Exception" in (doc / "licences/swift.txt").read_text()


def loaded_by(program):
    done = subprocess.run(["ldd", program], capture_output=True, text=True)
    return dict(re.findall(r"(\S+) => (\S+)", done.stdout))


def test_what_there_is_to_read_and_to_load_is_there_and_leads_on(dist, tree):
    doc = tree / "share/doc/turnkeeper"
    pages = sorted(doc.rglob("*.md"))
    names = {str(page.relative_to(doc)) for page in pages}
    assert {"README.md", "docs/RUNBOOK.md", "docs/OPERATING.md", "Dashboards/README.md", "Policies/README.md"} <= names
    for name in ("fleet.json", "sessions.json", "tenants.json", "workers.json", "alerts.yaml", "alerts_test.yaml"):
        assert (doc / "Dashboards" / name).read_bytes() == (box.REPOSITORY / "Dashboards" / name).read_bytes()
    count = 0
    for page in pages:
        name = str(page.relative_to(doc))
        for _, link in dist.LINK.findall(page.read_text()):
            place = dist.leads_to(name, link)
            count += place is not None
            assert place is None or (doc / place).exists(), (name, link)
    assert count > 100


def test_boards_and_alerts_are_the_programs_own_too(tree, tmp_path):
    program = tree / "bin/turnkeeper"
    url = "https://wiki.example/RUNBOOK.md"
    box.run(program, "dashboards", "--into", tmp_path / "own")
    box.run(program, "dashboards", "--into", tmp_path / "linked", "--runbook-url", url)
    doc = tree / "share/doc/turnkeeper"
    shipped = {path.name for path in (doc / "Dashboards").iterdir()} - {"README.md"} | {"RUNBOOK.md"}
    for folder, page in (("own", "RUNBOOK.md"), ("linked", url)):
        assert {path.name for path in (tmp_path / folder).iterdir()} == shipped
        rules = (tmp_path / folder / "alerts.yaml").read_text()
        assert rules.replace(f'"{page}#', '"docs/RUNBOOK.md#') == (doc / "Dashboards/alerts.yaml").read_text()
        assert (tmp_path / folder / "fleet.json").read_bytes() == (doc / "Dashboards/fleet.json").read_bytes()
        assert stat.S_IMODE((tmp_path / folder / "fleet.json").stat().st_mode) == 0o644


def test_a_library_that_is_removed_is_the_systems(dist, tree, tmp_path):
    """Who has an update before we do takes ours away."""
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy)
    for name, path in loaded_by(copy / "bin/turnkeeper").items():
        assert name in dist.SYSTEM or path.startswith(str(copy)), (name, path)
    (copy / "lib/turnkeeper/libyaml-0.so.2").unlink()
    assert not loaded_by(copy / "bin/turnkeeper")["libyaml-0.so.2"].startswith(str(copy))


def test_three_packages_hold_one_program(tree, deb, wheel, tmp_path):
    program = (tree / "bin/turnkeeper").read_bytes()
    box.run("dpkg-deb", "--extract", deb, tmp_path)
    assert (tmp_path / "usr/bin/turnkeeper").read_bytes() == program
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("scripts/turnkeeper")]
        assert archive.read(name) == program


def test_their_names_carry_the_version_of_the_source(tarball, deb, wheel):
    source = (box.REPOSITORY / "Sources/Proxy/Version.swift").read_text()
    version = re.search(r'text = "([^"]+)"', source).group(1)
    assert tarball.name == f"turnkeeper-{version}-linux-x86_64.tar.gz"
    assert deb.name == f"turnkeeper_{version.replace('-', '~')}_amd64.deb"
    assert wheel.name.startswith(f"turnkeeper-{version.replace('-dev', '.dev0')}-py3-none-manylinux_2_34")


def test_nobody_else_can_write_what_is_installed(installed):
    files = installed.run("dpkg", "--listfiles", "turnkeeper").split()
    assert "/usr/bin/turnkeeper" in files and "/usr/share/man/man1/turnkeeper.1.gz" in files
    for file in files:
        status = (installed.folder / file.lstrip("/")).lstat()
        assert status.st_uid == 0 and not status.st_mode & 0o022, file
    etc = installed.folder / "etc"
    assert stat.S_IMODE((etc / "default/turnkeeper").stat().st_mode) == 0o600
    assert stat.S_IMODE((etc / "turnkeeper").stat().st_mode) == 0o750


# -- systemd --------------------------------------------------------------------------------------

UNIT = "usr/lib/systemd/system/turnkeeper.service"


@pytest.mark.parametrize("name", ["turnkeeper.service", "turnkeeper@.service"])
def test_the_unit_is_sound(installed, tmp_path, name):
    """By this machine's systemd, since the box has none; the program is the box's."""
    unit = tmp_path / name.replace("@", "@a")
    text = (installed.folder / UNIT).with_name(name).read_text()
    assert "ExecStart=/usr/bin/turnkeeper serve" in text
    unit.write_text(text.replace("ExecStart=", f"ExecStart={installed.folder}"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True
    )
    ours = [line for line in (said.stdout + said.stderr).splitlines() if "turnkeeper" in line]
    assert said.returncode == 0 and not ours, said


def test_the_unit_is_confined(installed):
    said = box.run(
        *("systemd-analyze", "security", "--offline=true", f"--root={installed.folder}"),
        *("--threshold=20", "--no-pager", "turnkeeper.service"),
    )
    level = float(re.search(r"Overall exposure level for turnkeeper.service: ([\d.]+)", said).group(1))
    print(f"systemd-analyze security: {level}")
    assert level <= 2.0, said


def test_what_the_unit_starts_says_that_it_is_ready(installed):
    """Its command line, as its user, with its directories; a socket of ours in systemd's place."""
    unit = (installed.folder / UNIT).read_text()
    command = re.search(r"ExecStart=(.*)", unit).group(1).replace("$TURNKEEPER_OPTIONS", "")
    installed.run("install", "-d", "-o", "turnkeeper", "-m", "0700", "/var/lib/turnkeeper")
    policy = installed.folder / "etc/turnkeeper/default.yaml"
    policy.write_text("upstream: { url: ws://127.0.0.1:9 }\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = installed.folder / "tmp/notify"
        path.unlink(missing_ok=True)
        manager.bind(str(path))
        path.chmod(0o777)
        manager.settimeout(30)
        words = [*command.split(), *PORTS, "--admin", "off"]
        user = ["setpriv", "--reuid=turnkeeper", "--regid=turnkeeper", "--clear-groups"]
        with installed.running(*user, *words, NOTIFY_SOCKET="/tmp/notify"):
            assert manager.recv(4096).startswith(b"READY=1\n")
    owner = (installed.folder / "var/lib/turnkeeper/ledger.db").stat()
    assert owner.st_uid != 0 and stat.S_IMODE(owner.st_mode) == 0o600


# -- The container --------------------------------------------------------------------------------


def buildah(*command):
    storage = ["--storage-driver", "vfs", "--root", os.environ["BOX_STORAGE"] + "/root"]
    return box.run("buildah", *storage, "--runroot", os.environ["BOX_STORAGE"] + "/run", *command)


def test_the_containers_steps_run_and_it_serves(tmp_path, monkeypatch):
    """Of the pristine folder, in place of a registry's image, by buildah."""
    monkeypatch.setenv("BOX_STORAGE", str(tmp_path))
    base = tmp_path / "base.tar"
    box.run("tar", "-cf", base, "-C", box.bootstrap(), ".")
    scratch = buildah("from", "scratch").strip()
    buildah("add", "--quiet", scratch, base, "/")
    buildah("commit", "--quiet", scratch, "localhost/debian")
    file = box.REPOSITORY / "Containerfile"
    buildah(
        *("build", "--isolation", "chroot", "--network", "host", "--build-arg"),
        *("BASE=localhost/debian", "--tag", "turnkeeper", "--file", file, box.REPOSITORY),
    )
    container = buildah("from", "localhost/turnkeeper").strip()
    config = buildah("inspect", "--type", "image", "localhost/turnkeeper")
    assert '"turnkeeper"' in config and "/var/lib/turnkeeper" in config
    said = buildah("run", "--isolation", "chroot", container, "turnkeeper", "version")
    assert said.startswith("turnkeeper ")
    folder = pathlib.Path(buildah("mount", container).strip())
    one = box.Box.__new__(box.Box)
    one.folder = folder
    user = ["setpriv", "--reuid=turnkeeper", "--regid=turnkeeper", "--clear-groups"]
    words = ["serve", *PORTS, "--admin", "off", "--tls", "off", "--policies", "/etc/turnkeeper"]
    with one.running(*user, "turnkeeper", *words, "--data", "/var/lib/turnkeeper") as port:
        assert port
