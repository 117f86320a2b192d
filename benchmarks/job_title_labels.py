"""Seniority and department of job titles that people wrote themselves, against a key that others have labelled.

    python benchmarks/job_title_labels.py jobs_annotated_active.csv [--rows 171] [--wrong]

The file is that of the public repository ``luisadosch/nlp-job-title-classification-benchmark-snapaddy``
(``data/processed``, commit b2ef3af): positions in CVs of many countries, labelled by snapADDY. It has no licence, so it
is not part of this one. Their seniorities Management, Director and Lead are leading, the others are not; of their
departments those are counted that have a counterpart here. Each title counts once.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from leadflow.quality.seniority import department_of, seniority_of

LEADING = {"Management", "Director", "Lead"}
DEPARTMENTS = {
    "Sales": {"Sales"},
    "Marketing": {"Marketing"},
    "Human Resources": {"HR"},
    "Information Technology": {"IT", "Engineering"},
    "Purchasing": {"Purchasing"},
    "Customer Support": {"Service"},
    "Administrative": {"Administration"},
}


def main() -> None:
    """Print how many titles are read as they were labelled."""
    rows = int(sys.argv[sys.argv.index("--rows") + 1]) if "--rows" in sys.argv else None
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        labelled = {row["position"]: row for row in [*csv.DictReader(file)][:rows]}
    leads, top, departments = Counter[str](), Counter[str](), Counter[str]()
    for title, row in labelled.items():
        seniority, department = seniority_of(title), department_of(title)
        is_leading, is_top = row["seniority"] in LEADING, row["seniority"] == "Management"
        said = seniority in ("c-level", "director", "manager")
        leads["right" if said == is_leading else "missed" if is_leading else "too many"] += 1
        top["right" if (seniority == "c-level") == is_top else "missed" if is_top else "too many"] += 1
        wanted = DEPARTMENTS.get(row["department"])
        if wanted is not None:
            departments["right" if department in wanted else "other" if department else "none"] += 1
        if "--wrong" in sys.argv and (said != is_leading or (wanted and department not in wanted)):
            print(f"  {title}: {seniority}, {department}; labelled {row['seniority']}, {row['department']}")
    for what, counts in (("leading or not", leads), ("top management or not", top), ("department", departments)):
        print(f"{what:<22} {counts['right']:>4} of {counts.total():>4} right: {dict(counts)}")


main()
