"""What holds of every entity: frozen, exact in JSON, safe in its text; nothing stored in another form is lost."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from entities.by_chance import ALL, JSON, made
from leadflow.entities import kept_aside, stored_form, stored_json
from leadflow.entities.stored_form import read_leniently, read_stored
from leadflow.errors import TooNew, Unreadable

each = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


IDS = {"id", "lead_id", "referred_by", "absorbed", "absorbed_by", "merged", "not_same"}
"""Opaque: the host gives them, and they are checked where they come in."""


def texts(value: Any):
    if isinstance(value, BaseModel):
        yield from texts({name: one for name, one in value if name not in IDS})
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for one in pair for text in texts(one))
    elif isinstance(value, tuple | list):
        yield from (text for one in value for text in texts(one))
    elif isinstance(value, str):
        yield value


def test_there_are_entities_to_be_tested():
    assert {"Lead", "Activity", "Consent", "Task", "Score", "Suppression"} <= {kind.__name__ for kind in ALL}


@each
@few
@given(st.data())
def test_it_comes_back_from_json_as_it_was(kind, data):
    entity = data.draw(made(kind))
    assert kind.model_validate_json(entity.model_dump_json()) == entity
    assert read_stored(kind, stored_json(entity), "it") == entity
    assert json.loads(stored_json(entity)) == stored_form(entity)
    assert kept_aside(entity) == {}


@each
@few
@given(st.data())
def test_its_moments_are_in_utc_and_its_text_is_safe(kind, data):
    entity = data.draw(made(kind))
    for text in texts(entity):
        assert unicodedata.is_normalized("NFC", text)
        assert not {unicodedata.category(c) for c in text if c not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"}, text
    for value in dict(entity).values():
        assert not isinstance(value, datetime) or value.tzinfo is UTC


@each
@few
@given(st.data())
def test_nobody_changes_it_and_a_copy_differs_in_what_was_named_alone(kind, data):
    entity, other = data.draw(made(kind)), data.draw(made(kind))
    before, name = dict(entity), data.draw(st.sampled_from(sorted(kind.model_fields)))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(entity, name, getattr(other, name))
    changed = entity.but(**{name: getattr(other, name)})
    assert dict(entity) == before
    assert dict(changed) == before | {name: getattr(other, name)}
    assert name in changed.model_fields_set
    assert entity.but() == entity


@each
@given(st.data())
@settings(max_examples=5)
def test_an_unknown_name_is_an_error_when_it_is_made(kind, data):
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        kind(**dict(data.draw(made(kind))), shoe_size=42)


# ------------------------------------------------------------------------------------------- stored in another form
def spoilable(kind) -> list[str]:
    """The fields that may be missing, and can't be just anything."""
    fields = kind.model_fields.items()
    return sorted(name for name, field in fields if not field.is_required() and "dict" not in str(field.annotation))


@each
@few
@given(st.data())
def test_an_older_form_without_some_fields_is_read_with_their_defaults(kind, data):
    entity = data.draw(made(kind))
    optional = sorted(name for name, field in kind.model_fields.items() if not field.is_required())
    missing = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    older = {name: value for name, value in stored_form(entity).items() if name not in missing}
    read = read_stored(kind, json.dumps(older), "it")
    for name, field in kind.model_fields.items():
        expected = field.get_default(call_default_factory=True) if name in missing else getattr(entity, name)
        assert name == "custom" or getattr(read, name) == expected


@each
@few
@given(st.data(), st.dictionaries(st.text("abcdefgh", min_size=9, max_size=12), JSON, min_size=1, max_size=3))
def test_what_a_newer_version_added_is_kept_aside_and_written_back(kind, data, added):
    newer = stored_form(data.draw(made(kind))) | added
    read = read_stored(kind, json.dumps(newer), "it")
    assert kept_aside(read) == added
    assert stored_form(read) == newer
    assert json.loads(stored_json(read)) == newer


@pytest.mark.parametrize("kind", [kind for kind in ALL if spoilable(kind)], ids=lambda kind: kind.__name__)
@few
@given(st.data())
def test_a_value_that_can_not_be_read_costs_no_other_and_is_written_back(kind, data):
    whole = stored_form(data.draw(made(kind)))
    name = data.draw(st.sampled_from(spoilable(kind)))
    misfit: Any = [7] if isinstance(whole[name], dict) else {"of a newer version": [1]}  # no entity, nothing else
    torn = whole | {name: misfit}
    read = read_leniently(kind, torn, "it")
    assert kept_aside(read) == {name: misfit}
    assert stored_form(read) == torn
    for other in kind.model_fields:
        assert other == name or stored_form(read)[other] == whole[other]


@each
@given(st.data())
@settings(max_examples=5)
def test_a_newer_schema_and_what_is_no_object_are_refused_without_quoting_it(kind, data):
    newer = stored_form(data.draw(made(kind))) | {"schema_number": 2}
    with pytest.raises(TooNew, match="it"):
        read_stored(kind, json.dumps(newer), "it")
    for torn in ("secret {", '["secret"]', '"secret"'):
        with pytest.raises(Unreadable) as refused:
            read_stored(kind, torn, "it")
        assert "secret" not in str(refused.value)
