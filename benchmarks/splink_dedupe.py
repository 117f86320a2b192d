"""Splink 5 on made B2B leads, as its documentation sets it up: run by matching_speed.py, in a Python that has Splink.

Company and phone, which colleagues share, are left out: with them its estimate finds the colleagues (F1 below .1).

python benchmarks/splink_dedupe.py LEADS.csv CLUSTERS.csv
"""

import sys

import duckdb
import splink.comparison_library as cl  # type: ignore[import-not-found] # is in a Python of its own
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

PREPARED = """
    SELECT id AS unique_id, lower(strip_accents(first_name)) AS first_name,
        lower(strip_accents(last_name)) AS last_name,
        nullif(lower(email), '') AS email, nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '') AS phone,
        lower(company) AS company, nullif(lower(street), '') AS street, postcode, city
    FROM read_csv(?, all_varchar = true)
"""


def main() -> None:
    leads, clusters = sys.argv[1:]
    db = duckdb.connect()
    db.execute(f"CREATE TABLE leads AS {PREPARED}", [leads])
    api = DuckDBAPI(db)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("last_name"),
            cl.EmailComparison("email"),
            cl.ExactMatch("postcode"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("first_name", "last_name"),
            block_on("last_name", "company"),
            block_on("first_name", "postcode"),
            block_on("last_name", "postcode"),
        ],
    )
    linker = Linker(api.register("leads"), settings)
    rules = [block_on("email"), block_on("first_name", "last_name", "postcode")]
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
    db.execute(f"COPY (SELECT unique_id, cluster_id FROM {found.physical_name}) TO '{clusters}'")


if __name__ == "__main__":
    main()
