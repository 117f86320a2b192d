"""What every part of the settings has in common: a key that it doesn't have is one error, which names the nearest."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from leadflow.entities import Entity
from leadflow.files.columns import meant

__all__ = ["Section"]


class Section(Entity):
    """A part of the file; a key that it doesn't have is one error, which names the nearest."""

    @model_validator(mode="before")
    @classmethod
    def _no_other_keys(cls, written: Any) -> Any:
        if isinstance(written, Mapping):
            for key in written:
                if key not in cls.model_fields:
                    hint = meant(str(key), cls.model_fields) or f"; there are: {', '.join(cls.model_fields)}"
                    raise ValueError(f"there is no setting {key!r}{hint}")
        return written
