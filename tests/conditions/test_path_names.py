"""The paths that editors complete are those of a lead; ``python tests/conditions/test_path_names.py`` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from leadflow import DefinitionError, Lead, activity, field
from leadflow.conditions import Condition, bind, known_paths, path_names
from leadflow.conditions.values import ACTIVITY_FIELDS
from leadflow.entities import Company

HEAD = '''"""The paths that editors complete in ``field("…")`` and ``activity("…")``; others are as good.

Written by ``python tests/conditions/test_path_names.py``; never imported at run time.
"""

from typing import Literal, TypeAlias

__all__ = ["KnownOfActivity", "KnownPath"]

'''


def written() -> str:
    parts = (("KnownPath", sorted(askable(Lead))), ("KnownOfActivity", sorted(ACTIVITY_FIELDS)))
    return HEAD + "\n".join(
        f"{name}: TypeAlias = Literal[\n" + "".join(f'    "{path}",\n' for path in paths) + "]\n"
        for name, paths in parts
    )


def askable(lead_type: type[Lead]) -> dict[str, Condition]:
    """Every known path with something that can be asked there: of lists of numbers nothing can."""
    conditions = {
        path: field(path).contains(next(iter(shape.choices or "x"))) if shape.many else field(path).is_known()
        for path, shape in known_paths(lead_type).items()
    }
    return {path: one for path, one in conditions.items() if can_be_asked(one)}


def can_be_asked(condition: Condition) -> bool:
    try:
        return bind(condition, Lead) == condition
    except DefinitionError:
        return False


def test_editors_know_every_path_of_a_lead_and_no_other() -> None:
    assert Path(path_names.__file__).read_text(encoding="utf-8") == written(), f"run: python {__file__}"
    known = set(get_args(path_names.KnownPath))
    assert {"company.employees", "account.score", "person.seniority", "score.total"} <= known


def test_what_cannot_be_asked_for_is_not_offered() -> None:
    assert known_paths(Lead).keys() - set(get_args(path_names.KnownPath)) >= {"adjustments.points", "deals.opened_at"}
    for path in get_args(path_names.KnownOfActivity):
        assert can_be_asked(activity(path).is_known())


def test_what_the_account_has_is_known_and_misspelt_with_the_nearest() -> None:
    assert known_paths(Lead)["account.score"].kinds == {"number"}
    assert known_paths(Lead)["account.roles"].many
    assert known_paths(Lead)["account"].kinds == {"text"}  # the key itself
    assert not any(path.startswith("account.") for path in known_paths(Company))
    with pytest.raises(DefinitionError, match=r"account\.scor: .* did you mean account\.score\?"):
        bind(field("account.scor") >= 1, Lead)


if __name__ == "__main__":
    Path(path_names.__file__).write_text(written(), encoding="utf-8")
