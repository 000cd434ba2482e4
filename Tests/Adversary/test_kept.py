"""Plans that once failed, as small as the shrinker made them."""

import json
import pathlib

import pytest

from adversary.play import play
from adversary.shrink import thawed

KEPT = sorted((pathlib.Path(__file__).parent / "kept").glob("*.json"))


@pytest.mark.parametrize("file", [file.stem for file in KEPT])
async def test_what_once_failed(stage, file):
    kept = json.loads((pathlib.Path(__file__).parent / "kept" / f"{file}.json").read_text())
    wrong = await play(thawed(kept["plan"]), stage.service, stage.proxy, "kept")
    assert not wrong, f"{kept['title']}: {wrong}"
