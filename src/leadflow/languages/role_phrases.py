"""The reasons for proposed buying roles in German."""

from __future__ import annotations

from typing import Final

__all__ = ["ROLE_PHRASES"]

ROLE_PHRASES: Final = {
    r"says it themselves: (.+) \((.+)\)": "sagt es selbst: {0} ({1})",
    r"title: (.+) \((.+)\)": "Titel: {0} ({1})",
    r"seniority: (.+) \((.+)\)": "Ebene: {0} ({1})",
    r"department: (.+) \((.+)\)": "Abteilung: {0} ({1})",
    r"behaviour: (.+) \((.+)\)": "Verhalten: {0} ({1})",
    r"first: (.+) \((.+)\)": "{0} ({1})",
    r"(\d+%), (\d+) confirmed": "{0}, {1} bestätigt",
    "purchasing": "Einkauf",
    "the practice of a profession": "übt einen Beruf aus",
    "an assistant, or who opens the door": "Assistenz, oder wer die Tür öffnet",
    "who guards rules and systems": "wacht über Regeln und Systeme",
    "the head of an organisation, or of a part": "leitet ein Unternehmen oder einen Teil davon",
    "who is responsible for a project or a product": "verantwortet ein Projekt oder ein Produkt",
    "who judges, plans or advises": "beurteilt, plant oder berät",
    "who works with it": "arbeitet damit",
    "who is named after their work": "nach der Arbeit benannt",
    "who runs a house or a department": "leitet ein Haus oder eine Abteilung",
    "asked for prices": "hat nach Preisen gefragt",
    "tried or used it": "hat es ausprobiert oder benutzt",
    "read and listened": "hat gelesen und zugehört",
    "the first of the company": "war als Erste oder Erster der Firma da",
    "c-level": "Geschäftsleitung",
    "director": "Direktion",
    "manager": "Leitung",
    "staff": "Fachkraft",
    "student": "in Ausbildung",
    "Purchasing": "Einkauf",
    "Administration": "Verwaltung",
    "Legal": "Recht",
    "Finance": "Finanzen",
    "Management": "Geschäftsführung",
    "Engineering": "Technik",
    "Product": "Produkt",
    "Production": "Produktion",
    "Logistics": "Logistik",
    "Service": "Kundendienst",
    "Sales": "Vertrieb",
}
"""Marketing, HR and IT are called so in German, too."""
