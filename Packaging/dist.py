"""Packs the built program: a tarball, a Debian package and a Python wheel, all from one tree.

    bin/turnkeeper        finds its libraries at $ORIGIN/../lib/turnkeeper
    lib/turnkeeper/       all libraries except the C and C++ runtimes
    share/                man page, completions, documentation, example policies, boards and alerts,
                          licences, unit

    python3 Packaging/dist.py              writes the three into dist/

Refuses anything that would not run on other machines: a library that is not in the tree, or a
symbol newer than LIMITS.
"""

import argparse
import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PACKAGING = REPOSITORY / "Packaging"
UNITS = "usr/lib/systemd/system"

# Libraries that every system with glibc has and updates.
SYSTEM = {
    *("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1"),
    *("libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2"),
}
# Of RHEL 9 and its derivatives, the oldest with glibc 2.34: GCC 11.
LIMITS = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0, 0)}


def run(*command, **options):
    return subprocess.run(
        list(map(str, command)), check=True, capture_output=True, text=True, **options
    ).stdout


def number(text):
    return tuple(map(int, text.split(".")))


# -- Requirements of a binary ----------------------------------------------------------------------


def needed(binary):
    """The libraries that a binary refers to."""
    return re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", binary))


def loaded(program):
    """Where the loader finds each library of a program, and of its libraries."""
    found = re.findall(r"(\S+) => (/\S+)", run("ldd", program))
    return {name: pathlib.Path(path) for name, path in found}


def newest_symbols(binary):
    """`{"GLIBC": (2, 34), ...}`: the newest version of each that a binary needs."""
    newest = {}
    for name, version in re.findall(r"\b([A-Z]+)_(\d[\d.]*)\b", run("objdump", "-p", binary)):
        if name in LIMITS:
            newest[name] = max(newest.get(name, ()), number(version))
    return newest


def complaints(binaries):
    """Why these binaries, by name, would not run elsewhere."""
    found = []
    for name, path in binaries.items():
        for library in needed(path):
            if library not in SYSTEM and library not in binaries:
                found.append(f"{name} needs {library}, which is not in the tree")
        for symbols, version in newest_symbols(path).items():
            if version > LIMITS[symbols]:
                limit = ".".join(map(str, LIMITS[symbols]))
                found.append(f"{name} needs {symbols}_{'.'.join(map(str, version))}, newer than {limit}")
        if "/" in (rpath := rpath_of(path)) and not rpath.startswith("$ORIGIN"):
            found.append(f"{name} looks for libraries in {rpath}")
    return found


def rpath_of(binary):
    match = re.search(r"\b(?:RPATH|RUNPATH)\s+(\S+)", run("objdump", "-p", binary))
    return match.group(1) if match else ""


# -- The tree -------------------------------------------------------------------------------------


class Library:
    """A bundled library, and the Debian package it comes from."""

    def __init__(self, name, path):
        self.name = name
        self.path = path.resolve()
        self.package = self._owner(path)
        self.version = run("dpkg-query", "-W", "-f", "${Version}", self.package)
        self.licence = pathlib.Path(f"/usr/share/doc/{self.package.split(':')[0]}/copyright")

    def _owner(self, path):
        # dpkg knows files by the path they were installed under, with /usr merged or not.
        for candidate in (path, self.path, str(self.path).removeprefix("/usr"), f"/usr{path}"):
            asked = subprocess.run(
                ["dpkg-query", "-S", str(candidate)], capture_output=True, text=True
            )
            if asked.returncode == 0:
                return asked.stdout.split(": ")[0]
        raise SystemExit(f"{path} belongs to no Debian package")


class Tree:
    """Files by their path below the prefix: content and mode."""

    def __init__(self, program):
        self.files = {}
        with tempfile.TemporaryDirectory() as scratch:
            stripped = pathlib.Path(scratch) / "turnkeeper"
            # Debug information is removed, function names stay, so that crash reports are readable.
            run("strip", "--strip-debug", "-o", stripped, program)
            libraries = [
                Library(name, path)
                for name, path in sorted(loaded(program).items())
                if name not in SYSTEM
            ]
            binaries = {"turnkeeper": stripped} | {one.name: one.path for one in libraries}
            if found := complaints(binaries):
                raise SystemExit("\n".join(found))
            self.add("bin/turnkeeper", stripped.read_bytes(), 0o755)
        for library in libraries:
            self.add(f"lib/turnkeeper/{library.name}", library.path.read_bytes())
        self.version = run(program, "version").split()[1]
        self.add_documents(program, libraries)

    def add(self, path, content, mode=0o644):
        content = content.encode() if isinstance(content, str) else content
        self.files[path] = (content, mode)

    def add_documents(self, program, libraries):
        doc = "share/doc/turnkeeper"
        for path, content in documents().items():
            self.add(f"{doc}/{path}", content)
        rows = [f"{one.name:34} {one.package.split(':')[0]:30} {one.version}" for one in libraries]
        self.add(
            f"{doc}/BUNDLED.txt",
            "Libraries in lib/turnkeeper, and the Debian packages they come from. If one is removed, the\n"
            "system's is used instead. SECURITY.md says how they are kept up to date.\n\n"
            + "\n".join(rows)
            + "\n",
        )
        for one in libraries:
            name = f"{doc}/licences/{one.package.split(':')[0]}.txt"
            self.add(name, one.licence.read_bytes())
        self.add(f"{doc}/licences/swift.txt", swift_licence())
        page = run(program, "manual")
        self.add("share/man/man1/turnkeeper.1.gz", gzip.compress(page.encode(), 9, mtime=0))
        for shell, path in {
            "bash": "share/bash-completion/completions/turnkeeper",
            "zsh": "share/zsh/site-functions/_turnkeeper",
            "fish": "share/fish/vendor_completions.d/turnkeeper.fish",
        }.items():
            self.add(path, run(program, "completions", shell))
        unit = (PACKAGING / "turnkeeper.service").read_text()
        self.add(f"{doc}/turnkeeper.service", unit)
        self.add(f"{doc}/turnkeeper@.service", template(unit))

    def write(self, folder):
        for path, (content, mode) in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(mode)


def documents():
    """What there is to read and to load, by its path in the repository, so that links lead on."""
    names = ["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"]
    names += ["Benchmarks/RESULTS.md", "Benchmarks/results.svg"]
    for folder in ("Policies", "Dashboards", "Packaging/kubernetes", "docs"):
        files = sorted((REPOSITORY / folder).rglob("*"))
        names += [str(file.relative_to(REPOSITORY)) for file in files if file.is_file()]
    found = {name: (REPOSITORY / name).read_bytes() for name in names}
    for name in names:
        if name.endswith(".md"):
            found[name] = without_dead_links(name, found[name].decode(), found).encode()
    return found


# Pictures, too.
LINK = re.compile(r"!?\[([^\]\[]*)\]\(([^)\s]+)\)")


def leads_to(page, link):
    """The file that a page's link leads to, or the folder; nothing if it leads elsewhere."""
    if re.match(r"[a-z]+:|#", link):
        return None
    return os.path.normpath(os.path.join(os.path.dirname(page), link.partition("#")[0]))


def without_dead_links(page, text, files):
    """The page, where what is not packed is named without being linked."""

    def kept(match):
        place = leads_to(page, match[2])
        is_there = place is None or any(name == place or name.startswith(f"{place}/") for name in files)
        return match[0] if is_there else match[1]

    return LINK.sub(kept, text)


def template(unit):
    """`turnkeeper@.service`: the unit for several on one machine, each with its own name, data and
    options. Whatever else changes in the one changes in the other."""
    for alone, several in {
        "Description=Turnkeeper,": "Description=Turnkeeper %i,",
        "/var/lib/turnkeeper ": "/var/lib/turnkeeper-%i ",
        "StateDirectory=turnkeeper\n": "StateDirectory=turnkeeper-%i\n",
        "EnvironmentFile=-/etc/default/turnkeeper\n": (
            "EnvironmentFile=-/etc/default/turnkeeper\n"
            "EnvironmentFile=-/etc/default/turnkeeper-%i\n"
        ),
        "systemctl edit turnkeeper,": "systemctl edit turnkeeper@,",
    }.items():
        if unit.count(alone) != 1:
            raise SystemExit(f"the unit has {alone!r} {unit.count(alone)} times, not once")
        unit = unit.replace(alone, several)
    return unit


def swift_licence():
    """For the standard library, which is linked into the program: Apache-2.0 with an exception."""
    swift = shutil.which("swift")
    if swift is None:
        raise SystemExit("swift is not on the path, and its licence must be included")
    return (pathlib.Path(swift).resolve().parents[1] / "share/swift/LICENSE.txt").read_bytes()


# -- Three ways to pack it ------------------------------------------------------------------------


def epoch():
    """The time of the newest commit, so that the same tree gives the same bytes."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    try:
        return int(run("git", "-C", REPOSITORY, "log", "-1", "--format=%ct"))
    except (OSError, subprocess.CalledProcessError):
        return 0


def tarball(tree, folder):
    name = f"turnkeeper-{tree.version}-linux-x86_64"
    path = folder / f"{name}.tar.gz"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file, (content, mode) in sorted(tree.files.items()):
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size, entry.mode, entry.mtime = len(content), mode, epoch()
            tar.addfile(entry, io.BytesIO(content))
    path.write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))
    return path


def debian_version(version):
    return version.replace("-", "~")


def debian_package(tree, folder):
    version = debian_version(tree.version)
    path = folder / f"turnkeeper_{version}_amd64.deb"
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        # dpkg also keeps the modes of directories.
        root.chmod(0o755)
        tree.write(root / "usr")
        doc = root / "usr/share/doc/turnkeeper"
        # Where Debian looks for it.
        shutil.copyfile(doc / "LICENSE", doc / "copyright")
        zsh = root / "usr/share/zsh"
        (zsh / "site-functions").rename(zsh / "vendor-completions")
        units = root / UNITS
        units.mkdir(parents=True)
        for unit in ("turnkeeper.service", "turnkeeper@.service"):
            (doc / unit).rename(units / unit)
        (root / "etc/turnkeeper").mkdir(parents=True)
        (root / "etc/default").mkdir()
        shutil.copyfile(PACKAGING / "debian/default", root / "etc/default/turnkeeper")
        # It may contain a key, and systemd reads it as root.
        (root / "etc/default/turnkeeper").chmod(0o600)
        size = sum(len(content) for content, _ in tree.files.values()) // 1024
        control = root / "DEBIAN"
        control.mkdir()
        text = (PACKAGING / "debian/control").read_text()
        (control / "control").write_text(
            text.replace("@VERSION@", version).replace("@SIZE@", str(size))
        )
        (control / "conffiles").write_text("/etc/default/turnkeeper\n")
        for script in ("postinst", "prerm", "postrm"):
            shutil.copy(PACKAGING / "debian" / script, control / script)
            (control / script).chmod(0o755)
        for file in root.rglob("*"):
            if file.is_dir():
                file.chmod(0o755)
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch())}
        run(
            *("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, path), env=environment
        )
    return path


def wheel_version(version):
    return version.replace("-dev", ".dev0")


def wheel(tree, folder):
    """Files for pip to install in the environment: scripts into bin, the rest as in the tree."""
    version = wheel_version(tree.version)
    name = f"turnkeeper-{version}"
    glibc = "_".join(map(str, LIMITS["GLIBC"]))
    tag = f"py3-none-manylinux_{glibc}_x86_64"
    path = folder / f"{name}-{tag}.whl"
    files = {}
    for file, (content, _) in sorted(tree.files.items()):
        inside = file.removeprefix("bin/")
        kind = "scripts" if inside != file else "data"
        files[f"{name}.data/{kind}/{inside}"] = content
    info = f"{name}.dist-info"
    files[f"{info}/licenses/LICENSE"] = (REPOSITORY / "LICENSE").read_bytes()
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.4\nName: turnkeeper\nVersion: {version}\n"
        "Summary: A supervising proxy for Gemini Live\nLicense-Expression: Apache-2.0\n"
        "License-File: LICENSE\nRequires-Python: >=3.8\n"
        "Description-Content-Type: text/markdown\n\n"
        + (REPOSITORY / "README.md").read_text()
    ).encode()
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: turnkeeper\nRoot-Is-Purelib: false\nTag: {tag}\n"
    ).encode()
    record = "".join(f"{file},{digest(content)},{len(content)}\n" for file, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)
            mode = 0o755 if ".data/scripts/" in file else 0o644
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def digest(content):
    encoded = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return "sha256=" + encoded.rstrip(b"=").decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=REPOSITORY / ".build/release/turnkeeper")
    parser.add_argument("--out", default=REPOSITORY / "dist", type=pathlib.Path)
    asked = parser.parse_args()
    # Other users must be able to read the files.
    os.umask(0o022)
    tree = Tree(asked.program)
    asked.out.mkdir(exist_ok=True)
    for old in asked.out.glob("turnkeeper[-_]*"):
        old.unlink()
    for pack in (tarball, debian_package, wheel):
        path = pack(tree, asked.out)
        print(f"{path.stat().st_size / 1e6:6.1f} MB  {os.path.relpath(path)}")


if __name__ == "__main__":
    sys.exit(main())
