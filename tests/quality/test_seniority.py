import pytest

from leadflow.quality.seniority import seniority_of


@pytest.mark.parametrize(
    ("job_title", "seniority"),
    [
        ("Geschäftsführer", "c-level"),
        ("stellv. Geschäftsführerin", "c-level"),
        ("CEO & Founder", "c-level"),
        ("Chief Technology Officer", "c-level"),
        ("Managing Director", "c-level"),
        ("Inhaberin", "c-level"),
        ("President", "c-level"),
        ("Vice President Sales", "director"),
        ("VP Marketing", "director"),
        ("Director of IT", "director"),
        ("Head of Sales", "director"),
        ("Head-of-Sales", "director"),
        ("Leiterin IT", "director"),
        ("IT-Leiter", "director"),
        ("Vertriebsleiter", "director"),
        ("Bereichsleitung Logistik", "director"),
        ("Prokurist", "director"),
        ("Teamleiter Einkauf", "manager"),
        ("Team-Leiter", "manager"),
        ("Abteilungsleiterin", "manager"),
        ("Sales Manager", "manager"),
        ("Marketing-Managerin", "manager"),
        ("Key Account Manager", "staff"),
        ("Assistenz der Geschäftsführung", "staff"),
        ("Product Owner", "staff"),
        ("HR Business Partner", "staff"),
        ("Software Engineer", "staff"),
        ("Halbleiter-Entwickler", "staff"),
        ("Senior Consultant", "staff"),
        ("Werkstudentin Marketing", "student"),
        ("Praktikantin", "student"),
        ("Internal Sales", None),
        ("Foo", None),
        ("", None),
    ],
)
def test_seniority_from_a_job_title(job_title: str, seniority: str | None) -> None:
    assert seniority_of(job_title) == seniority
