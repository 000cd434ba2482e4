"""The sessions that `make test` plays contain every kind of trouble that has a name."""

import pytest

from adversary.kinds import KINDS
from adversary.plans import plan

# `make adversary-briefly` plays these.
PLAYED = [plan(seed) for seed in range(1, 301)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_trouble_is_played(kind):
    assert any(KINDS[kind](each) for each in PLAYED), f"no plan of seeds 1 to 300 has {kind}"
