"""How an engagement state lies in a folder.

::

    state.json               as of when, and the name of the folder beside it; written last and at once
    kept-5f3a…/leads.npy     the leads in their order (leads.parquet where they are no whole numbers)
    kept-5f3a…/8c1f….sum.npy a column that is kept of the rule with this digest

A run that is killed leaves the state before, and a folder that the next run takes away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Final, NamedTuple
from uuid import uuid4

import numpy as np

from leadflow.batch.keeping import Kept
from leadflow.batch.places import Places
from leadflow.errors import InvalidInput

_INDEX: Final = "state.json"
_BEGINNING: Final = "kept-"
_FORM: Final = 1
"""Folders of another form can't be read."""


class Shelf(NamedTuple):
    """A state as it lies in a folder."""

    as_of: datetime
    leads: Path | None
    """None before there are any."""
    many: int
    lead_type: str
    """The type of their ids."""
    kept: Mapping[str, Kept]
    """By the digests of rules."""


def stored(folder: Path, as_of: datetime, kept: Iterable[tuple[str, Kept]], leads: Places) -> Shelf:
    """Put a state into a folder, in place of the one that may be there; only one rule's columns are held at a time."""
    inner = folder / f"{_BEGINNING}{uuid4().hex}"
    inner.mkdir(parents=True)
    names: dict[str, list[str]] = {}
    for digest, columns in kept:
        names[digest] = list(columns)
        for name, column in columns.items():
            np.save(inner / f"{digest}.{name}.npy", column, allow_pickle=False)
    written = leads.write(inner)
    index = {"form": _FORM, "as_of": as_of.isoformat(), "folder": inner.name, "rules": names}
    index |= {"leads": written.name, "many": leads.many, "type": leads.type}
    draft = inner / _INDEX
    draft.write_text(json.dumps(index, indent=1), encoding="utf-8")
    draft.replace(folder / _INDEX)
    for other in folder.glob(f"{_BEGINNING}*"):
        if other != inner:
            rmtree(other, ignore_errors=True)  # where files in use can't be removed, the next run does it
    return found(folder)


def found(folder: Path) -> Shelf:
    """The state that lies in a folder; its columns are read where they are used."""
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "there is no engagement state in it; EngagementStates.of(…) makes one"
        raise InvalidInput("folder", str(folder), remedy) from None
    if index["form"] != _FORM:
        raise InvalidInput("folder", str(folder), "another version of leadflow wrote it; make it anew")
    inner = folder / index["folder"]
    kept = {
        digest: {name: np.load(inner / f"{digest}.{name}.npy", mmap_mode="r") for name in names}
        for digest, names in index["rules"].items()
    }
    as_of = datetime.fromisoformat(index["as_of"])
    return Shelf(as_of, inner / index["leads"], index["many"], index["type"], kept)
