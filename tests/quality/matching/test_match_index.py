"""An index in memory finds what a batch finds: new against old, the same candidates and verdicts."""

from __future__ import annotations

import random

from leadflow.quality.matching import MATCH_MODEL, MatchIndex, record_features
from leadflow.quality.matching.duplicates import duplicates_among
from match_rows import match_rows

SMALL_BLOCKS = MATCH_MODEL.but(blocks=[block.but(cap=4) for block in MATCH_MODEL.blocks])


def test_an_index_finds_what_a_batch_finds() -> None:
    rows = {str(number): row for number, row in enumerate(match_rows(120, seed=5))}
    index = MatchIndex(SMALL_BLOCKS, default_country="DE")
    for id, row in rows.items():
        index.add(id, row)
    total = 0
    for row in match_rows(40, seed=6):
        new = record_features(row, default_country="DE")
        batch = duplicates_among({"new": new}, SMALL_BLOCKS, against=rows, default_country="DE", estimated=False)
        wanted = sorted(
            ((pair.other, pair.likeness) for pair in batch.pairs), key=lambda one: (-one[1].probability, one[0])
        )
        assert index.find(row) == wanted
        total += len(wanted)
    assert total > 20


def test_what_was_removed_or_replaced_is_not_found() -> None:
    dice, index, rows = random.Random(4), MatchIndex(SMALL_BLOCKS), dict[str, dict[str, str]]()
    for row in match_rows(300, seed=7):
        id = str(dice.randrange(40))
        if dice.random() < 0.3:
            index.remove(id)
            rows.pop(id, None)
        else:
            index.add(id, row)
            rows[id] = row
    fresh = MatchIndex(SMALL_BLOCKS)
    for id, row in rows.items():
        fresh.add(id, row)
    assert len(index) == len(rows) > 20
    assert all((id in index) == (id in rows) for id in map(str, range(40)))
    assert [index.find(row) for row in rows.values()] == [fresh.find(row) for row in rows.values()]
