"""Buying roles of 200 job titles: how many the proposals get right, against a key that was labelled by hand.

    python benchmarks/buying_roles.py [--wrong]

``job_titles.tsv`` has 100 English and 100 German titles of Faker 40.63 (``en_US``, and ``de_AT``: the occupations of
the Austrian employment service), 60 of each drawn from those with a word of business (manager, Leiter, assistant, …),
40 from the rest, labelled before the first rule was written; 148 were right before anybody read the misses. Role:
decider, who has a budget for an organisation, a site or a department; buyer, who purchases; gatekeeper, who guards
access, rules or systems; influencer, who judges, plans or advises; user, who works with what is bought.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from leadflow.entities import Person
from leadflow.quality.buying_roles import RoleModel
from leadflow.testing import a_lead


def main() -> None:
    """Print the share of right proposals, per language and role, and by confidence."""
    with (Path(__file__).parent / "job_titles.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    model = RoleModel()
    right, seen, sure = Counter[str](), Counter[str](), Counter[bool]()
    for row in rows:
        proposals = model.propose(a_lead().but(person=Person(job_title=row["title"])))
        said = proposals[0].role if proposals else "none"
        for group in (row["language"], row["role"], "all"):
            seen[group] += 1
            right[group] += said == row["role"]
        if proposals and proposals[0].confidence >= 0.6:
            sure[said == row["role"]] += 1
        if "--wrong" in sys.argv and said != row["role"]:
            print(f"  {row['language']} {row['title']}: {said}, should be {row['role']}")
    unproposed = sum(not model.propose(a_lead().but(person=Person(job_title=row["title"]))) for row in rows)
    for group in seen:
        print(f"{group:12} {right[group]:4} of {seen[group]:4} right ({right[group] / seen[group]:.0%})")
    print(f"without a proposal: {unproposed}")
    print(f"at a confidence of 0.6 or more: {sure[True]} of {sure.total()} right")


if __name__ == "__main__":
    main()
