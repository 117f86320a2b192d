"""De-duplicating made B2B leads with colleagues: leadflow, Splink 5, and simple DuckDB SQL by hand, in one run.

    python benchmarks/matching_speed.py [--records 100000] [--splink-python /path/to/venv/bin/python] [--without hand …]
    python benchmarks/matching_speed.py --index 100000

Each runs in a process of its own, from the CSV file to a file of clusters. CPU seconds count: wall times depend on who
else is at work. Splink conflicts with nothing, but is large: python -m venv V && V/bin/pip install splink==5.0.0.

The simple SQL compares less than leadflow. SQL by hand that compares the same (matching_same.py) begins with what
leadflow has read, as leadflow's own SQL does beside it, and ends with pairs; those that both find are counted.

With --index only one lead against so many stored is measured: in the memory index, on SQLite and on PostgreSQL, beside
plain reads.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matching_lookup import lookups

HERE = Path(__file__).parent
BY_HAND = """
CREATE TABLE records AS
SELECT id, lower(strip_accents(first_name)) AS f, lower(strip_accents(last_name)) AS l, lower(email) AS email,
    split_part(lower(email), '@', 2) AS domain, split_part(lower(email), '@', 1) AS local,
    ltrim(replace(replace(regexp_replace(phone, '[^0-9+]', '', 'g'), '+49', ''), '+44', ''), '0') AS phone,
    trim(regexp_replace(lower(strip_accents(company)), ' (gmbh.*|ag|kg|ug|e\\.k\\.|ltd|limited|plc|llp)$', ''))
        AS company,
    replace(replace(replace(lower(street), 'straße', 'str.'), ' road', ' rd'), ' street', ' st') AS street,
    replace(postcode, ' ', '') AS postcode, lower(city) AS city
FROM (SELECT * REPLACE (coalesce(phone, '') AS phone, coalesce(street, '') AS street) FROM
    read_csv($leads, all_varchar = true));
CREATE TABLE keys AS SELECT DISTINCT block, hash(key) AS key, id FROM (
    SELECT 1 AS block, email AS key, id FROM records
    UNION ALL SELECT 2, local, id FROM records WHERE length(local) >= 7
    UNION ALL SELECT 3, phone, id FROM records WHERE phone <> ''
    UNION ALL SELECT 4, concat_ws('|', least(f, l), greatest(f, l)), id FROM records
    UNION ALL SELECT 5, concat_ws('|', left(l, 3), domain), id FROM records
    UNION ALL SELECT 6, concat_ws('|', left(l, 3), company), id FROM records
    UNION ALL SELECT 7, concat_ws('|', left(l, 3), f[1], postcode), id FROM records
    UNION ALL SELECT 8, concat_ws('|', f, left(l, 3), city), id FROM records
    UNION ALL SELECT 9, concat_ws('|', f, street), id FROM records WHERE street <> ''
    UNION ALL SELECT 10, concat_ws('|', l, street), id FROM records WHERE street <> ''
    UNION ALL SELECT 11, concat_ws('|', left(l, 3), postcode), id FROM records
    UNION ALL SELECT 12, concat_ws('|', f, postcode), id FROM records
    UNION ALL SELECT 13, concat_ws('|', domain, street), id FROM records WHERE street <> '');
CREATE TABLE kept AS SELECT keys.* FROM keys JOIN (SELECT block, key FROM keys GROUP BY ALL HAVING count(*) BETWEEN 2
    AND CASE WHEN block = 1 THEN 300 WHEN block IN (11, 12) THEN 30 ELSE 50 END) USING (block, key);
CREATE TABLE candidates AS SELECT DISTINCT a.id AS one, b.id AS other FROM kept a JOIN kept b ON a.block = b.block AND
    a.key = b.key AND a.id < b.id;
CREATE TABLE pairs AS SELECT one, other FROM (
    SELECT one, other,
        CASE WHEN a.f = b.f AND a.l = b.l THEN 10 WHEN a.l = b.f AND a.f = b.l THEN 9 WHEN like_last >= 0.92 THEN CASE
            WHEN like_first >= 0.85 OR starts_with(a.f, left(b.f, 1)) AND (length(a.f) <= 2 OR length(b.f) <= 2) THEN 8
            WHEN like_first >= 0.75 THEN 0 ELSE -9 END ELSE -12 END AS name_bits,
        CASE WHEN a.email = b.email THEN 14 WHEN a.local = b.local AND length(a.local) >= 7 THEN 4
            WHEN a.domain = b.domain THEN -3 ELSE -1 END AS email_bits,
        CASE WHEN a.phone = '' OR b.phone = '' THEN 0 WHEN a.phone = b.phone THEN 4 ELSE -1 END AS phone_bits,
        CASE WHEN a.domain = b.domain OR a.company = b.company OR jaro_winkler_similarity(a.company, b.company) >= 0.95
            THEN 2.5 ELSE -3 END + CASE WHEN a.street <> '' AND a.street = b.street AND a.postcode = b.postcode THEN 2.5
            WHEN a.postcode = b.postcode THEN 2 WHEN a.city = b.city THEN 0.5 ELSE -1 END AS organisation_bits
    FROM (SELECT one, other, a, b, jaro_winkler_similarity(a.l, b.l) AS like_last,
        jaro_winkler_similarity(a.f, b.f) AS like_first
        FROM candidates JOIN records a ON a.id = one JOIN records b ON b.id = other))
WHERE -7 + name_bits + email_bits + phone_bits + least(organisation_bits, 4) >= 4.25;
"""


def with_leadflow(leads: str, clusters: str) -> None:
    from leadflow.batch import dedupe_many
    from leadflow.quality.matching import MATCH_MODEL

    found = dedupe_many(leads, MATCH_MODEL, default_country="DE", estimated=False, workers=os.cpu_count() or 1)
    written(clusters, found.clusters)
    largest = max(map(len, found.clusters))
    print(f"  {found.compared:,} pairs compared, {len(found.unsure):,} to decide, largest cluster {largest}")


def by_hand(leads: str, clusters: str) -> None:
    import duckdb

    db = duckdb.connect()
    for statement in BY_HAND.split(";\n"):
        db.execute(statement, {"leads": leads} if "$leads" in statement else None)
    ((compared,),) = db.execute("SELECT count(*) FROM candidates").fetchall()
    print(f"  {compared:,} pairs compared")
    written(clusters, components(db.execute("SELECT one, other FROM pairs").fetchall()))


def components(pairs: list[tuple[str, str]]) -> list[list[str]]:
    of: dict[str, list[str]] = {}
    for one, other in pairs:
        ours, others = of.setdefault(one, [one]), of.setdefault(other, [other])
        if ours is not others:
            ours += others
            of.update(dict.fromkeys(others, ours))
    return [*{id(some): some for some in of.values()}.values()]


def written(path: str, clusters: Iterable[Iterable[str]]) -> None:
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "cluster"])
        writer.writerows((id, number) for number, some in enumerate(clusters) for id in some)


def f1(path: Path, truth: dict[str, str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the clusters, in pairs."""
    with path.open() as file:
        rows = [*csv.reader(file)][1:]
    found = pairs_of(Counter(cluster for _, cluster in rows))
    right = pairs_of(Counter((cluster, truth[id]) for id, cluster in rows))
    true = pairs_of(Counter(truth.values()))
    return right / max(found, 1), right / max(true, 1), 2 * right / max(found + true, 1)


def pairs_of(sizes: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in sizes.values())


def measured(name: str, command: list[str], clusters: Path, truth: dict[str, str]) -> float:
    begun = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall, cpu = time.perf_counter() - begun, used.ru_utime + used.ru_stime
    if status:
        print(f"{name}: failed")
        return 0.0
    right = "  ".join(f"{what} {value:.4f}" for what, value in zip(("P", "R", "F1"), f1(clusters, truth), strict=True))
    print(f"{name:<9} {cpu:8.1f} s CPU {wall:8.1f} s wall {used.ru_maxrss / 1024:8,.0f} MB  {right}", flush=True)
    return cpu


def same_comparisons(leads: Path, folder: Path) -> None:
    """Compare the time of leadflow's SQL with that of SQL by hand that does the same, and their pairs."""
    import duckdb

    from leadflow.batch import feature_table

    db = duckdb.connect()
    feature_table(leads, db, default_country="DE")
    db.table("records").write_parquet(str(folder / "records.parquet"))
    db.close()
    cpu, found = {}, {}
    for who in ("leadflow", "hand"):
        pairs = folder / f"{who}.csv"
        command = [sys.executable, str(HERE / "matching_same.py"), who, str(folder / "records.parquet"), str(pairs)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        cpu[who], peak = map(float, said)
        found[who] = {*pairs.read_text().split()}
        print(f"  the same by {who:<8} {cpu[who]:8.1f} s CPU {peak:8,.0f} MB {len(found[who]):9,} pairs", flush=True)
    both = len(found["leadflow"] & found["hand"]) / max(map(len, found.values()))
    print(f"leadflow's SQL / by hand: {cpu['leadflow'] / cpu['hand']:.2f}; {both:.3%} of pairs and verdicts agree")


def main() -> None:
    if sys.argv[1:2] in (["leadflow"], ["hand"]):
        (with_leadflow if sys.argv[1] == "leadflow" else by_hand)(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="how many leads are de-duplicated (100000)")
    parser.add_argument("--splink-python", default=sys.executable, help="the Python that has Splink 5 (this one)")
    parser.add_argument("--without", nargs="*", default=[], choices=["splink", "hand", "same"], help="what is not run")
    parser.add_argument("--index", type=int, metavar="N", help="look one lead up among N stored instead: p50 and p99 "
                        "in ms, and peak memory; storing a million takes about a quarter of an hour")  # fmt: skip
    asked = parser.parse_args()
    if asked.index is not None:
        lookups(asked.index)
        return
    from matching_accuracy import colleagues

    with tempfile.TemporaryDirectory() as folder:
        leads, clusters = Path(folder) / "leads.csv", Path(folder) / "clusters.csv"
        rows, truth = colleagues(asked.records)
        keys = ["id", *dict.fromkeys(key for row in rows.values() for key in row)]
        with leads.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, keys)
            writer.writeheader()
            writer.writerows({"id": id, **row} for id, row in rows.items())
        del rows
        print(f"{asked.records:,} leads")
        ours = measured("leadflow", [sys.executable, __file__, "leadflow", str(leads), str(clusters)], clusters, truth)
        if "hand" not in asked.without:
            other = measured("by hand", [sys.executable, __file__, "hand", str(leads), str(clusters)], clusters, truth)
            print(f"leadflow / by hand, simpler: {ours / other:.2f}")
        if "same" not in asked.without:
            same_comparisons(leads, Path(folder))
        if "splink" not in asked.without:
            there = subprocess.run([asked.splink_python, "-c", "import splink"], capture_output=True, check=False)
            if there.returncode:
                sys.exit("Splink is not installed; python -m venv V && V/bin/pip install splink==5.0.0, and give "
                         "--splink-python V/bin/python")  # fmt: skip
            script = str(HERE / "splink_dedupe.py")
            other = measured("Splink 5", [asked.splink_python, script, str(leads), str(clusters)], clusters, truth)
            print(f"Splink / leadflow: {other / ours:.2f}")


if __name__ == "__main__":
    main()
