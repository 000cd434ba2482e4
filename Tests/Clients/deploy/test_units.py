"""The unit and its template, as systemd reads them."""

import importlib.util
import pathlib
import re
import subprocess

import pytest
from turnkeeper import PROGRAM, REPOSITORY

UNIT = (REPOSITORY / "Packaging/turnkeeper.service").read_text()


def template():
    spec = importlib.util.spec_from_file_location("dist", REPOSITORY / "Packaging/dist.py")
    dist = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dist)
    return dist.template(UNIT)


@pytest.mark.parametrize("name", ["turnkeeper.service", "turnkeeper@a.service"])
def test_the_unit_is_sound(tmp_path, name):
    text = template() if "@" in name else UNIT
    unit = tmp_path / name
    unit.write_text(text.replace("/usr/bin/turnkeeper", str(PROGRAM)))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True
    )
    ours = [line for line in (said.stdout + said.stderr).splitlines() if "turnkeeper" in line]
    assert said.returncode == 0 and not ours, said


def test_an_instance_shares_nothing_with_another_but_policies_and_defaults():
    text = template()
    paths = {
        path
        for line in text.splitlines()
        if line.startswith(("ExecStart=", "EnvironmentFile=", "StateDirectory="))
        for path in re.findall(r"(?:/|StateDirectory=)\S*turnkeeper\S*", line)
    }
    assert {path for path in paths if "%i" not in path} == {
        "/usr/bin/turnkeeper",
        "/etc/turnkeeper",
        "/etc/default/turnkeeper",
    }
    # The instance's own options are read last, so that they count.
    assert re.findall(r"^EnvironmentFile=-(.*)$", text, re.MULTILINE) == [
        "/etc/default/turnkeeper",
        "/etc/default/turnkeeper-%i",
    ]
