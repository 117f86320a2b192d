"""The comparisons of the default match model as SQL for DuckDB, written by hand for the made B2B leads.

It reads the columns that leadflow reads, has the same blocks with the same caps, and compares the same, but nothing
that these leads lack: no dates of birth, profiles, ids, private addresses or names in other scripts, and one mailbox
and one number per lead. Run by matching_speed.py, which counts the pairs that both find:

    python benchmarks/matching_same.py leadflow|hand RECORDS.parquet PAIRS.csv
"""

import resource
import sys
import time
from pathlib import Path

import duckdb

BY_HAND = """
CREATE MACRO initial(name) AS translate(name[1], 'kqszjyvwp', 'cccciifff');
CREATE MACRO alike(a, b, a_sound, b_sound) AS
    jaro_winkler_similarity(a, b) >= if(a_sound = b_sound AND initial(a) = initial(b), 0.83, 0.92);
CREATE MACRO other_sex(short, long) AS
    long IN (short || 'a', short || 'e', short || 'ie', short || 'in', short || 'ine', short || 's', short || 'le',
        short || 'la', short || 'ne', short || 'ette')
    OR left(short, -1) = left(long, -1) AND right(short, 1) IN ('a', 'e', 'o') AND right(long, 1) IN ('a', 'e', 'o');
CREATE TABLE keys AS SELECT block, hash(key) AS key, n, cap FROM (
    SELECT 0 AS block, 300 AS cap, mail0 AS key, n FROM people WHERE mail0 <> ''
    UNION ALL SELECT 1, 20, local_parts, n FROM people WHERE local_parts <> ''
    UNION ALL SELECT 2, 20, phones, n FROM people WHERE phones <> ''
    UNION ALL SELECT 3, 30, words, n FROM people WHERE words <> ''
    UNION ALL SELECT 4, 30, l_sound || '|' || domain, n FROM people WHERE l <> '' AND domain <> ''
    UNION ALL SELECT 5, 50, l_sound || '|' || company, n FROM people WHERE l <> '' AND company <> ''
    UNION ALL SELECT 6, 30, f_start || '|' || company, n FROM people WHERE f <> '' AND company <> ''
    UNION ALL SELECT 7, 50, l_sound || '|' || f[1] || '|' || postcode, n FROM people WHERE l <> '' AND f <> '' AND
        postcode <> ''
    UNION ALL SELECT 8, 50, f_start || '|' || l_sound || '|' || city, n FROM people WHERE f <> '' AND l <> '' AND
        city <> ''
    UNION ALL SELECT 9, 50, f_start || '|' || street_key, n FROM people WHERE f <> '' AND street_key <> ''
    UNION ALL SELECT 10, 50, l_sound || '|' || street_key, n FROM people WHERE l <> '' AND street_key <> ''
    UNION ALL SELECT 11, 30, l_sound || '|' || postcode, n FROM people WHERE l <> '' AND postcode <> ''
    UNION ALL SELECT 12, 30, f_start || '|' || postcode, n FROM people WHERE f <> '' AND postcode <> ''
    UNION ALL SELECT 14, 10, f_start || '|' || l_sound, n FROM people WHERE f <> '' AND l <> ''
    UNION ALL SELECT 13, 10, domain || '|' || street_key, n FROM people WHERE domain <> '' AND street_key <> '');
CREATE TABLE kept AS SELECT block, key, n FROM keys JOIN (SELECT block, key FROM keys GROUP BY block, key, cap HAVING
    count(*) BETWEEN 2 AND cap) USING (block, key);
CREATE TABLE candidates AS SELECT DISTINCT a.n AS one, b.n AS other FROM kept a JOIN kept b ON a.block = b.block AND
    a.key = b.key AND a.n < b.n;
CREATE VIEW weighed AS SELECT one, other, is_mailbox, mail_bits = -6 AS is_apart, other_bits,
    greatest(name_bits, line_bits) AS beside,
    -7 + coalesce(name_bits, 0) + other_bits + line_bits + mail_bits + CASE WHEN name_bits < 0
        THEN least(company_bits, 0) + least(place_bits, 0) ELSE least(company_bits + place_bits, 4) END AS bits
    FROM (SELECT one, other, name_bits,
        a_mail0 <> '' AND a_mail0 = b_mail0 AS is_mailbox,
        CASE WHEN a_generation = b_generation THEN 0 WHEN a_generation = '' OR b_generation = '' THEN -8 ELSE -14 END
            AS other_bits,
        CASE WHEN a_mail0 = '' OR b_mail0 = '' THEN 0 WHEN a_mail0 = b_mail0 THEN 14
            WHEN of_last = 'alike' AND a_spelled = '1' AND b_spelled = '1' THEN -6
            WHEN a_mail_local <> '' AND a_mail_local = b_mail_local THEN if(name_bits >= 0, 0, 4)
            WHEN a_mail_domain = b_mail_domain THEN -3 ELSE -1 END AS mail_bits,
        CASE WHEN a_phones = '' OR b_phones = '' THEN 0 WHEN a_phones = b_phones
            THEN CASE WHEN a_mobiles <> '' OR b_mobiles <> '' THEN 10 WHEN name_bits < 0 THEN 0 ELSE 4 END
            WHEN a_mobiles <> '' AND b_mobiles <> '' THEN -2 ELSE -0.5 END AS line_bits,
        CASE WHEN a_company <> '' AND b_company <> '' THEN CASE WHEN a_company = b_company THEN 2.5
                WHEN least(length(a_company), length(b_company)) >= 6 AND
                    jaro_winkler_similarity(a_company, b_company) >= 0.95
                    THEN if(a_domain <> '' AND a_domain = b_domain, 2.5, 1.5)
                WHEN a_domain = '' OR a_domain <> b_domain THEN -4.5
                WHEN contains(a_company, b_company) OR contains(b_company, a_company) THEN 2.5 ELSE -0.5 END
            WHEN a_domain <> '' AND a_domain = b_domain THEN 2.5
            WHEN a_domain <> '' AND b_domain <> '' THEN -2 ELSE 0 END AS company_bits,
        CASE WHEN a_postcode <> '' AND b_postcode <> '' THEN CASE WHEN a_postcode <> b_postcode THEN -1
                WHEN a_street <> '' AND a_street = b_street THEN 2.5 ELSE 2 END
            WHEN a_city <> '' AND b_city <> '' THEN if(a_city = b_city, 1.5, -1) ELSE 0 END AS place_bits
        FROM (SELECT *,
    CASE WHEN a_l = '' OR b_l = '' THEN NULL
        WHEN of_last IN ('same', 'alike') AND of_first = 'same' THEN if(of_last = 'same', 10.0, 8.0)
        WHEN of_last IN ('same', 'alike') AND of_first = 'none' THEN if(of_last = 'same', 4.0, 2.0)
        WHEN of_last IN ('same', 'alike') AND of_first = 'alike' THEN 8.0
        WHEN of_last = 'part' AND of_first IN ('same', 'alike') THEN 5.5
        WHEN of_last = 'part' AND of_first = 'none' THEN 2.0
        WHEN of_last <> 'different' AND NOT two_names AND length(short) >= 3
            AND (same_sound OR jaro_winkler_similarity(short, long) >= 0.8) AND NOT other_sex(short, long) THEN 1.0
        WHEN a_f = b_l AND a_l = b_f THEN 9.0
        WHEN a_f <> '' AND b_f <> ''
            AND (a_f = b_l OR alike(a_f, b_l, a_f_sound, b_l_sound))
            AND (a_l = b_f OR alike(a_l, b_f, a_l_sound, b_f_sound))
            THEN 6.0
        WHEN (a_l_single = '' OR b_l_single = '' OR contains(a_f, ' ') OR contains(b_f, ' '))
            AND a_f <> '' AND b_f <> ''
            AND (list_has_all(string_split(a_name_words, chr(31)), string_split(b_name_words, chr(31)))
            OR list_has_all(string_split(b_name_words, chr(31)), string_split(a_name_words, chr(31)))) THEN 5.5
        WHEN of_last <> 'different' THEN -9.0 WHEN of_first = 'same' THEN -6.0 ELSE -12.0 END AS name_bits
    FROM (SELECT *,
        CASE WHEN a_l = b_l THEN 'same'
            WHEN alike(a_l, b_l, a_l_sound, b_l_sound) THEN 'alike'
            WHEN (a_l_single = '' OR b_l_single = '') AND a_l_words <> '' AND b_l_words <> '' AND
                list_has_any(string_split(a_l_words, chr(31)), string_split(b_l_words, chr(31))) THEN 'part'
            ELSE 'different' END AS of_last,
        CASE WHEN a_f = '' OR b_f = '' THEN 'none' WHEN a_f = b_f THEN 'same'
            WHEN replace(a_f, ' ', '') = replace(b_f, ' ', '') THEN 'alike'
            WHEN length(short) = 1 THEN if(starts_with(long, short), 'alike', 'different')
            WHEN short = long OR (a_f_names <> a_f_start OR b_f_names <> b_f_start) AND
                list_has_any(string_split(a_f_names, chr(31)), string_split(b_f_names, chr(31))) THEN 'alike'
            WHEN two_names THEN 'different'
            WHEN (length(short) >= 4 OR same_sound) AND length(long) - length(short) <= 2 AND
                alike(short, long, a_f_start_sound, b_f_start_sound) AND NOT other_sex(short, long) THEN 'alike'
            ELSE 'different' END AS of_first
        FROM (SELECT *, a_f_start_sound = b_f_start_sound AS same_sound,
            a_f_known = '1' AND b_f_known = '1' AND a_f_start_sound <> b_f_start_sound AS two_names
            FROM (SELECT one, other, COLUMNS(a.* EXCLUDE n) AS 'a_\\0', COLUMNS(b.* EXCLUDE n) AS 'b_\\0',
                if((length(a.f_start), a.f_start) <= (length(b.f_start), b.f_start), a.f_start, b.f_start) AS short,
                if((length(a.f_start), a.f_start) <= (length(b.f_start), b.f_start), b.f_start, a.f_start) AS long
                FROM candidates JOIN people a ON a.n = one JOIN people b ON b.n = other)))));
CREATE TABLE pairs AS SELECT one, other,
    bits - if(is_mailbox AND beside <= 0, 14, 0) >= log2(0.95 / 0.05) AND NOT is_apart AS same
    FROM weighed WHERE bits >= log2(0.35 / 0.65) OR is_mailbox;
"""


def by_hand(db: duckdb.DuckDBPyConnection) -> list[tuple[int, int, bool]]:
    db.execute("CREATE TABLE people AS FROM records WHERE NOT is_organisation")
    for statement in BY_HAND.split(";\n"):
        db.execute(statement)
    return db.execute("SELECT one, other, same FROM pairs").fetchall()


def with_leadflow(db: duckdb.DuckDBPyConnection, count: int) -> list[tuple[int, int, bool]]:
    from leadflow.batch.duplicate_engine import DuckSearch
    from leadflow.quality.matching import MATCH_MODEL

    pairs = DuckSearch(db, count, link=False).pairs(MATCH_MODEL)
    return [(one, other, like.verdict == "same") for one, other, like in pairs]


def main() -> None:
    who, records, path = sys.argv[1:]
    db = duckdb.connect()
    db.execute("CREATE TABLE records AS FROM read_parquet($path)", {"path": records})
    ((count,),) = db.execute("SELECT count(*) FROM records").fetchall()
    begun = time.process_time()
    found = by_hand(db) if who == "hand" else with_leadflow(db, count)
    cpu, peak = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Path(path).write_text("".join(f"{one},{other},{int(same)}\n" for one, other, same in found))
    print(f"{cpu:.2f} {peak:.0f}")


if __name__ == "__main__":
    main()
