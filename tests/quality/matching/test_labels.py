"""Labels: the pairs that are asked about, and the weights that follow from the answers."""

from __future__ import annotations

import json
from itertools import combinations

from typer.testing import CliRunner

from leadflow.cli.commands import app
from leadflow.quality.matching import MATCH_MODEL, LabelledPair, LabelSession, Matcher, labelled_model, record_features

STREETS = ["Oak", "Elm", "Mill", "Lake", "Hill", "Pine", "Rose", "Bay", "Kings", "Queens"]


def places() -> list[dict[str, str]]:
    """Return schools in buildings that they share with others: the phone tells them apart, the address does not."""
    return [
        {"company": name, "street": f"{number} {street} Street", "postcode": "60302", "phone": phone}
        for number, street in enumerate(STREETS, 10)
        for name, phone in ((f"{street} School", f"38652{number}"), (f"School {street}", f"38652{number}"),
                            (f"{street} Clinic", f"49910{number}"))
    ]  # fmt: skip


def same(one: int, other: int) -> bool:
    return one // 3 == other // 3 and (one % 3 == 2) == (other % 3 == 2)


FEATURES = [record_features(one, has_persons=False) for one in places()]


def test_labels_move_the_verdicts_and_no_labels_change_nothing() -> None:
    assert labelled_model(MATCH_MODEL, []) == MATCH_MODEL
    pairs = [pair for pair in combinations(range(30), 2) if pair[0] // 3 == pair[1] // 3]
    contrary = [LabelledPair(FEATURES[a], FEATURES[b], not same(a, b)) for a, b in pairs]
    for labels, right in ((contrary, False), ([one._replace(same=not one.same) for one in contrary], True)):
        matcher = Matcher(labelled_model(MATCH_MODEL, labels))
        likes = {pair: matcher.likeness(FEATURES[pair[0]], FEATURES[pair[1]]).probability > 0.5 for pair in pairs}
        assert all(likes[pair] == (same(*pair) is right) for pair in pairs)


def test_a_session_asks_each_pair_once_and_about_different_patterns_first() -> None:
    session = LabelSession(FEATURES)
    asked: list[tuple[int, int]] = []
    while pairs := session.questions(count=4):
        kinds = {Matcher().pattern(FEATURES[one], FEATURES[other]) for one, other in pairs}
        assert len(kinds) == len(pairs)
        asked += pairs
        session.answer({pair: same(*pair) if pair[0] % 2 else None for pair in pairs})
    assert len(asked) == len({*asked}) > 10
    assert session.labelled == sum(pair[0] % 2 for pair in asked)


def test_the_command_asks_and_writes_a_model_that_dedupe_takes(tmp_path) -> None:
    path, model = tmp_path / "places.csv", tmp_path / "model.json"
    rows = [",".join((*one.values(), str(place if place % 3 else place + 1))) for place, one in enumerate(places())]
    path.write_text("\n".join(["company,street,postcode,phone,truth", *rows]), encoding="utf-8")
    run, label = CliRunner(), ["label", str(path), "--save-model", str(model)]
    done = run.invoke(app, [*label, "--map", "truth=-"], input="y\nmaybe\nn\n?\nq\n")
    assert done.exit_code == 0
    assert "2 labels" in done.output
    done = run.invoke(app, [*label, "--truth", "truth", "--labels", "12", "--json"])
    assert json.loads(done.stdout) == {"labels": 12}
    done = run.invoke(app, ["dedupe", str(path), "--model", str(model), "--truth", "truth", "--json"])
    assert json.loads(done.stdout)["accuracy"]["f1"] == 1.0
