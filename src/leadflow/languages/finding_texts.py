"""What findings mean and what to do about them, by code, in English and German.

The line of a finding is a predicate about its value: ``phone: has no country``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["FINDING_PHRASES", "FINDING_TEXTS", "FindingText"]


class FindingText(NamedTuple):
    """The meaning of a code, and what to do about such a finding, in English and German."""

    english: str
    remedy: str
    german: str
    remedy_in_german: str


_NOTHING: Final = "nothing; look at the value if it matters", "nichts; bei Bedarf den Wert ansehen"


def _note(english: str, german: str) -> FindingText:
    return FindingText(english, _NOTHING[0], german, _NOTHING[1])


FINDING_TEXTS: Final = MappingProxyType(
    {
        # several kinds of data
        "words_beside": _note("the words beside it were left out", "die Wörter daneben wurden weggelassen"),
        "blanks": _note("had blanks in it, which were left out", "enthielt Leerzeichen, sie wurden weggelassen"),
        "not_text": FindingText("is not text", "give a text", "ist kein Text", "einen Text angeben"),
        "too_long": FindingText("is too long", "shorten it", "ist zu lang", "kürzen"),
        "too_many": FindingText(
            "has more values than one person has",
            "check whether several people share this lead",
            "hat mehr Werte, als zu einer Person gehören",
            "prüfen, ob sich mehrere Personen diesen Lead teilen",
        ),
        "not_emptied": FindingText(
            "can't be emptied by a correction",
            "give a new value, or name a field that may be empty",
            "kann durch eine Berichtigung nicht geleert werden",
            "einen neuen Wert angeben oder ein Feld nennen, das leer sein darf",
        ),
        "unreachable": FindingText(
            "the lead can't be reached by anything any more",
            "give an address, a number or a profile, or erase the lead",
            "der Lead ist auf keinem Weg mehr erreichbar",
            "eine Adresse, Nummer oder ein Profil angeben oder den Lead löschen",
        ),
        "not_readable": FindingText(
            "can't be read; it was not used",
            "give it in the form of the field",
            "ist nicht lesbar und wurde nicht verwendet",
            "in der Form des Feldes angeben",
        ),
        "enrichment_unusable": FindingText(
            "a source says what this field can't take",
            "check what the source sends, or its mapping",
            "eine Quelle sagt, was dieses Feld nicht aufnehmen kann",
            "prüfen, was die Quelle liefert, oder ihre Zuordnung",
        ),
        "enrichment_outdated": FindingText(
            "a source has already said something newer",
            "nothing to do; leave at= out if the source knows it now",
            "eine Quelle hat schon etwas Neueres gesagt",
            "nichts zu tun; at= weglassen, wenn die Quelle es jetzt weiß",
        ),
        "conflict": FindingText(
            "differs from what is known; unverified input does not overwrite",
            "ask the person, and correct the lead",
            "weicht vom Bekannten ab; ungeprüfte Angaben überschreiben nichts",
            "nachfragen und den Lead berichtigen",
        ),
        # e-mail
        "invalid_email": FindingText(
            "is not an e-mail address",
            "give one such as ada@acme.example",
            "ist keine E-Mail-Adresse",
            "eine Adresse wie ada@acme.example angeben",
        ),
        "several_addresses": FindingText(
            "holds several addresses", "give one", "enthält mehrere Adressen", "eine davon angeben"
        ),
        "email_typo": FindingText(
            "the domain looks mistyped",
            "ask the person; the suggestion is not applied",
            "die Domain sieht nach einem Tippfehler aus",
            "nachfragen; der Vorschlag wird nicht übernommen",
        ),
        "disposable_email": FindingText(
            "is a throw-away address",
            "ask for a lasting address",
            "ist eine Wegwerfadresse",
            "um eine dauerhafte Adresse bitten",
        ),
        "other_persons_email": FindingText(
            "names somebody else",
            "capture that person as a lead of their own",
            "nennt jemand anderen",
            "diese Person als eigenen Lead erfassen",
        ),
        "fake_email": FindingText(
            "nobody is likely to read it",
            "ask for the real address",
            "wird vermutlich von niemandem gelesen",
            "um die echte Adresse bitten",
        ),
        "address_taken_over": FindingText(
            "was given for two leads; it belongs to the one who has verified it",
            "look at both leads",
            "wurde für zwei Leads angegeben und gehört dem, der sie bestätigt hat",
            "beide Leads ansehen",
        ),
        # phone
        "no_country": FindingText(
            "has no country",
            "give it with + and the country code, or give the country",
            "hat kein Land",
            "mit + und Ländervorwahl angeben, oder das Land angeben",
        ),
        "impossible_phone": FindingText(
            "can't be a phone number",
            "give it as +49 30 123456",
            "kann keine Telefonnummer sein",
            "in der Form +49 30 123456 angeben",
        ),
        "fake_phone": FindingText(
            "is a made-up number", "ask for the real one", "ist eine erfundene Nummer", "um die echte bitten"
        ),
        "several_phones": FindingText(
            "holds several numbers", "give one", "enthält mehrere Nummern", "eine davon angeben"
        ),
        "rounded_phone": FindingText(
            "was rounded by a spreadsheet, its last digits are gone",
            "export the column as text",
            "wurde von einer Tabellenkalkulation gerundet, die letzten Ziffern fehlen",
            "die Spalte als Text exportieren",
        ),
        "vanity_phone": FindingText(
            "is spelled with letters", "give its digits", "ist mit Buchstaben geschrieben", "die Ziffern angeben"
        ),
        "unlikely_phone": FindingText(
            "is not in the country's numbering plan",
            "ask for the number",
            "kommt im Nummernplan des Landes nicht vor",
            "nach der Nummer fragen",
        ),
        "perhaps_abroad": FindingText(
            "would be a number abroad if its + is missing",
            "give it with + and the country code, or with its 0",
            "wäre eine Nummer im Ausland, wenn das + fehlt",
            "mit + und Ländervorwahl angeben, oder mit der 0",
        ),
        "extension": _note("an extension was left out", "eine Durchwahl wurde weggelassen"),
        "other_ending": _note("another ending was left out", "eine andere Endung wurde weggelassen"),
        "fax_number": FindingText(
            "says that it is a fax number",
            "ask for a phone number",
            "ist als Faxnummer bezeichnet",
            "nach einer Telefonnummer fragen",
        ),
        "country_code": _note("was read as a number with country code", "wurde als Nummer mit Ländervorwahl gelesen"),
        "renumbered": _note(
            "is a number of the former plan; the present one was used",
            "ist eine Nummer des früheren Nummernplans; die heutige wurde verwendet",
        ),
        # person
        "beside_name": _note(
            "a generation, a remark or a name at birth was left out",
            "ein Namenszusatz, eine Bemerkung oder der Geburtsname wurde weggelassen",
        ),
        "unsure_name": FindingText(
            "may be a first and a last name",
            "give them apart",
            "kann aus Vor- und Nachname bestehen",
            "getrennt angeben",
        ),
        "job_title": _note("is a job title and was taken as such", "ist eine Funktion und wurde so übernommen"),
        "first_name_twice": _note("also contained the first name", "enthielt auch den Vornamen"),
        "not_a_name": FindingText("is not a name", "ask for the name", "ist kein Name", "nach dem Namen fragen"),
        "deceased": FindingText(
            "is marked as deceased",
            "write and call no more; erase the lead if nothing must be kept",
            "ist als verstorben gekennzeichnet",
            "nicht mehr anschreiben und anrufen; den Lead löschen, wenn nichts aufzubewahren ist",
        ),
        "company_as_name": FindingText(
            "names a company; give it as company",
            "ask for the name of the person",
            "nennt eine Firma; als Firma angeben",
            "nach dem Namen der Person fragen",
        ),
        "perhaps_company": FindingText(
            "may be a company; give it as company",
            "give it as company, or the name without it",
            "ist vielleicht eine Firma",
            "als Firma angeben, oder den Namen ohne sie",
        ),
        "fake_name": FindingText("looks made up", "ask for the name", "wirkt erfunden", "nach dem Namen fragen"),
        "digits_in_name": FindingText(
            "contains digits", "ask for the name", "enthält Ziffern", "nach dem Namen fragen"
        ),
        "several_people": FindingText(
            "seems to name several people",
            "make a lead for each",
            "nennt anscheinend mehrere Personen",
            "für jede einen Lead anlegen",
        ),
        "unknown_salutation": FindingText(
            "is not a known salutation",
            "correct it before it is printed",
            "ist keine bekannte Anrede",
            "vor dem Druck berichtigen",
        ),
        "unknown_seniority": FindingText(
            "is not a known seniority",
            "give one of the known ones",
            "ist keine bekannte Führungsebene",
            "eine der bekannten angeben",
        ),
        "unknown_buying_role": FindingText(
            "is not a known buying role",
            "give one of the known ones",
            "ist keine bekannte Rolle im Buying Center",
            "eine der bekannten angeben",
        ),
        "unknown_language": FindingText(
            "is not a language",
            "give a tag such as de or en-GB",
            "ist keine Sprache",
            "ein Kürzel wie de oder en-GB angeben",
        ),
        "not_a_person": FindingText(
            "is not a person's profile",
            "give the person's own profile",
            "ist kein Profil einer Person",
            "das Profil der Person angeben",
        ),
        "invalid_profile": FindingText(
            "is not a profile", "give its address", "ist kein Profil", "die Adresse des Profils angeben"
        ),
        # company
        "no_company": _note("says that there is no company", "besagt, dass es keine Firma gibt"),
        "mixed_alphabets": FindingText(
            "has letters of several alphabets that look alike",
            "ask whether the address is right; it may imitate another one",
            "enthält ähnlich aussehende Buchstaben mehrerer Alphabete",
            "nachfragen, ob die Adresse stimmt; sie kann eine andere vortäuschen",
        ),
        "no_own_site": _note("is not the company's own domain", "ist keine eigene Domain der Firma"),
        "invalid_website": FindingText(
            "is not a web address", "give acme.example", "ist keine Webadresse", "acme.example angeben"
        ),
        # address
        "two_house_numbers": FindingText(
            "the street names another house number",
            "ask for the right one",
            "die Straße nennt eine andere Hausnummer",
            "nach der richtigen fragen",
        ),
        "postcode_format": FindingText(
            "does not have the format of the country's postcodes",
            "correct it before it is printed",
            "hat nicht die Form der Postleitzahlen des Landes",
            "vor dem Druck berichtigen",
        ),
        "other_country": FindingText(
            "is a postcode of another country",
            "ask which one is right",
            "ist eine Postleitzahl eines anderen Landes",
            "klären, was stimmt",
        ),
        "unknown_country": FindingText(
            "is not a known country",
            "give its ISO code such as DE",
            "ist kein bekanntes Land",
            "das ISO-Kürzel angeben, etwa DE",
        ),
        "not_a_city": FindingText("is not a city", "ask for the city", "ist kein Ort", "nach dem Ort fragen"),
        # numbers, dates, yes and no
        "not_a_number": FindingText("is not a number", "give it as 1200", "ist keine Zahl", "in der Form 1200 angeben"),
        "out_of_range": FindingText(
            "is too large or too small",
            "give a possible number",
            "ist zu groß oder zu klein",
            "eine mögliche Zahl angeben",
        ),
        "rounded": _note("was rounded down to a whole number", "wurde auf eine ganze Zahl abgerundet"),
        "range": _note("is a range; its lower bound was used", "ist ein Bereich; der untere Wert wurde verwendet"),
        "about": _note("is only approximate", "ist nur ungefähr angegeben"),
        "other_currency": FindingText(
            "is not in EUR", "convert it first", "ist nicht in EUR angegeben", "vorher umrechnen"
        ),
        "invalid_date": FindingText(
            "is not a date", "give it as 2026-12-31", "ist kein Datum", "in der Form 2026-12-31 angeben"
        ),
        "first_day": _note(
            "is a month or quarter; its first day was used", "ist ein Monat oder Quartal; der erste Tag wurde verwendet"
        ),
        "not_yes_or_no": FindingText(
            "is neither yes nor no", "give yes or no", "ist weder ja noch nein", "ja oder nein angeben"
        ),
        # the submission
        "unknown_field": FindingText(
            "is not a field of a lead",
            "use one of the fields, or a custom field",
            "ist kein Feld eines Leads",
            "eines der Felder oder ein eigenes Feld verwenden",
        ),
        "unknown_key": FindingText(
            "no such field; it is kept with the submission",
            "rename it, or define a custom field",
            "kein solches Feld; es bleibt bei der Einsendung erhalten",
            "umbenennen oder ein eigenes Feld anlegen",
        ),
        "key_twice": FindingText(
            "occurs twice; the first was used",
            "send it once",
            "kommt zweimal vor; das erste wurde verwendet",
            "nur einmal senden",
        ),
        "privileged_key": FindingText(
            "can't be set by a submission; it was ignored",
            "take it out of the form",
            "kann nicht durch eine Einsendung gesetzt werden und wurde ignoriert",
            "aus dem Formular nehmen",
        ),
        "dated_ahead": FindingText(
            "is dated ahead of the clock; it counts from that moment on",
            "check the clock of the sender",
            "liegt in der Zukunft und zählt ab diesem Zeitpunkt",
            "die Uhr des Absenders prüfen",
        ),
        # identity and consent
        "other_person": _note(
            "a different lead used this browser; they count as two people",
            "diesen Browser hat ein anderer Lead benutzt; sie gelten als zwei Personen",
        ),
        "too_many_visitors": FindingText(
            "very many anonymous visitors are this lead already",
            "check whether the address belongs to several people, or to a machine",
            "sehr viele anonyme Besucher gehören schon zu diesem Lead",
            "prüfen, ob die Adresse mehreren Personen oder einer Maschine gehört",
        ),
        "consent_withdrawn": FindingText(
            "consent was withdrawn before; this one does not count",
            "have the person confirm it, with a verified submission",
            "die Einwilligung wurde vorher widerrufen; diese zählt nicht",
            "von der Person bestätigen lassen, durch eine geprüfte Einsendung",
        ),
        "withdrawal_outdated": _note(
            "the person has consented anew since this withdrawal",
            "die Person hat nach diesem Widerruf erneut eingewilligt",
        ),
        "undated_consent": FindingText(
            "has no date that can be read, so that this yes was not taken",
            "put the date right",
            "hat kein lesbares Datum, daher wurde dieses Ja nicht übernommen",
            "das Datum berichtigen",
        ),
        # numbers of a company
        "register_checksum": FindingText(
            "has a check digit that does not fit",
            "compare it with what the company publishes",
            "hat eine Prüfziffer, die nicht passt",
            "mit den Angaben der Firma vergleichen",
        ),
        "register_format": FindingText(
            "does not have the form of such a number",
            "compare it with what the company publishes",
            "hat nicht die Form einer solchen Nummer",
            "mit den Angaben der Firma vergleichen",
        ),
        "unknown_court": FindingText(
            "names no known register court",
            "ask for the register court",
            "nennt kein bekanntes Registergericht",
            "nach dem Registergericht fragen",
        ),
        "unknown_register": FindingText(
            "is not the form of a known register",
            "give it as HRB 12345, München",
            "ist in keiner bekannten Form eines Registers",
            "in der Form HRB 12345, München angeben",
        ),
        "vat_checksum": FindingText(
            "has a check digit that does not fit",
            "compare it with what the company publishes",
            "hat eine Prüfziffer, die nicht passt",
            "mit den Angaben der Firma vergleichen",
        ),
        "vat_format": FindingText(
            "is not a VAT number",
            "give it as DE136695976",
            "ist keine Umsatzsteuer-Identifikationsnummer",
            "in der Form DE136695976 angeben",
        ),
        "vat_country": _note(
            "was read as a number of the country, where its check digit fits",
            "wurde als Nummer des Landes gelesen, dort passt die Prüfziffer",
        ),
        "lei_checksum": FindingText(
            "has a check digit that does not fit",
            "compare it with what the company publishes",
            "hat eine Prüfziffer, die nicht passt",
            "mit den Angaben der Firma vergleichen",
        ),
        "lei_format": FindingText(
            "is not an LEI",
            "give its 20 letters and digits",
            "ist kein LEI",
            "die 20 Buchstaben und Ziffern angeben",
        ),
        "two_numbers": FindingText(
            "the name has another one",
            "ask which one is right",
            "der Name enthält eine andere",
            "fragen, welche stimmt",
        ),
        # places
        "whole_address": _note(
            "held postcode and city, too",
            "enthielt auch Postleitzahl und Ort",
        ),
        "two_places": FindingText(
            "the street has another place",
            "ask which one is right",
            "die Straße nennt einen anderen Ort",
            "fragen, welcher stimmt",
        ),
        "likely_city": FindingText(
            "is missing; the postcode suggests one",
            "ask for the city; the suggestion is not applied",
            "fehlt; die Postleitzahl legt einen Ort nahe",
            "nach dem Ort fragen; der Vorschlag wird nicht übernommen",
        ),
        "likely_postcode": FindingText(
            "is missing; the city suggests one",
            "ask for the postcode; the suggestion is not applied",
            "fehlt; der Ort legt eine Postleitzahl nahe",
            "nach der Postleitzahl fragen; der Vorschlag wird nicht übernommen",
        ),
        "other_city": FindingText(
            "is not where the postcode is",
            "ask which one is right; the suggestion is not applied",
            "liegt nicht dort, wo die Postleitzahl liegt",
            "fragen, was stimmt; der Vorschlag wird nicht übernommen",
        ),
        "other_postcode": FindingText(
            "is not one of the city's postcodes; two digits may be swapped",
            "ask which one is right; the suggestion is not applied",
            "gehört nicht zum Ort; vielleicht sind zwei Ziffern vertauscht",
            "fragen, was stimmt; der Vorschlag wird nicht übernommen",
        ),
        "unknown_postcode": FindingText(
            "is no postcode of the country",
            "ask for the postcode",
            "ist keine Postleitzahl des Landes",
            "nach der Postleitzahl fragen",
        ),
        "unknown_region": FindingText(
            "is not among the regions of the country",
            "ask for the region",
            "ist keine Region des Landes",
            "nach der Region fragen",
        ),
        "other_region": FindingText(
            "does not have a postcode of its region",
            "ask which one is right",
            "passt als Postleitzahl nicht zur Region",
            "fragen, was stimmt",
        ),
        "unknown_city": FindingText(
            "is not among the cities of the region",
            "ask which one is right",
            "ist kein Ort der Region",
            "fragen, was stimmt",
        ),
        # languages and campaigns
        "several_languages": _note(
            "names several languages; one was used",
            "nennt mehrere Sprachen; eine wurde verwendet",
        ),
        "rare_language": FindingText(
            "is the code of a rare language and of a country",
            "check which one is meant",
            "ist der Code einer seltenen Sprache und eines Landes",
            "prüfen, was gemeint ist",
        ),
        "two_campaigns": FindingText(
            "the landing page contradicts it",
            "check the form",
            "die Zielseite widerspricht dem",
            "das Formular prüfen",
        ),
        "query_left_out": _note(
            "is very long; its parameters were left out",
            "ist sehr lang; die Parameter wurden weggelassen",
        ),
        # files
        "spreadsheet_number": _note(
            "a spreadsheet made a number of it; read as its digits",
            "eine Tabellenkalkulation hat eine Zahl daraus gemacht; gelesen wurden ihre Ziffern",
        ),
        "rounded_number": FindingText(
            "was rounded by a spreadsheet, its last digits are gone",
            "export the column as text",
            "wurde von einer Tabellenkalkulation gerundet, die letzten Ziffern fehlen",
            "die Spalte als Text exportieren",
        ),
        "short_row": FindingText(
            "has fewer cells than there are columns; the last ones count as blank",
            "check the row",
            "hat weniger Zellen als Spalten; die letzten gelten als leer",
            "die Zeile prüfen",
        ),
        "repeated_key": FindingText(
            "stands twice in its object, with different values",
            "give several values as a list",
            "steht zweimal im Objekt, mit verschiedenen Werten",
            "mehrere Werte als Liste angeben",
        ),
        "second_person": FindingText(
            "the row has a second person, who is no lead by it",
            "give each person a row",
            "die Zeile enthält eine zweite Person, die dadurch kein Lead wird",
            "jeder Person eine eigene Zeile geben",
        ),
        "doubtful_date": FindingText(
            "day and month may be the other way round",
            "set date_order in the config, or write dates as 2026-12-31",
            "Tag und Monat können vertauscht sein",
            "date_order in der Konfiguration setzen oder Datumsangaben als 2026-12-31 schreiben",
        ),
        "surplus_cells": FindingText(
            "has more cells than there are columns",
            "put cells with delimiters into quotes",
            "hat mehr Zellen als Spalten",
            "Zellen mit Trennzeichen in Anführungszeichen setzen",
        ),
        "open_quote": FindingText(
            "a quote is opened here and never closed",
            "close the quote, or take it out",
            "hier beginnt ein Anführungszeichen, das nie geschlossen wird",
            "das Anführungszeichen schließen oder entfernen",
        ),
        "nul_bytes": _note(
            "had NUL bytes around it; they were dropped", "war von NUL-Bytes umgeben; sie wurden entfernt"
        ),
        "spreadsheet_error": FindingText(
            "holds the error of a formula",
            "put the formula right in the spreadsheet",
            "enthält den Fehler einer Formel",
            "die Formel in der Tabelle berichtigen",
        ),
        "formula_without_value": FindingText(
            "holds a formula without its result",
            "open the file in a spreadsheet and save it",
            "enthält eine Formel ohne ihr Ergebnis",
            "die Datei in einer Tabellenkalkulation öffnen und speichern",
        ),
        "other_encoding": FindingText(
            "is in another encoding than the rest of the file",
            "compare the letters with the source",
            "hat eine andere Zeichenkodierung als der Rest der Datei",
            "die Buchstaben mit der Quelle vergleichen",
        ),
        "lost_letters": FindingText(
            "has letters that were lost in a wrong encoding",
            "export it again as UTF-8",
            "enthält Buchstaben, die durch eine falsche Zeichenkodierung verloren gingen",
            "neu als UTF-8 exportieren",
        ),
        "encoded_twice": _note("was encoded twice; read as it was before", "war doppelt kodiert; gelesen wie zuvor"),
        # stored data
        "unreadable": FindingText(
            "is stored in a form that the current definitions don't know; it is kept unchanged and not used",
            "put the definition back, or migrate the values",
            "hat eine gespeicherte Form, die die heutigen Definitionen nicht kennen; bleibt unverändert und ungenutzt",
            "die Definition wiederherstellen oder die Werte überführen",
        ),
    }
)
"""Every code that a finding may have."""

FINDING_PHRASES: Final = MappingProxyType(
    {
        r"is longer than (.+) characters; shorten it": "ist länger als {0} Zeichen; kürzen",
        r"has (.+) values; the first (.+) were used": "hat {0} Werte; die ersten {1} wurden verwendet",
        r"the lead has (.+) of them already; it was ignored": "der Lead hat davon schon {0}; es wurde ignoriert",
        r"the domain is close to (.+)": "die Domain ähnelt {0}",
        r"the extension (.+) was left out": "die Durchwahl {0} wurde weggelassen",
        r"the other ending (.+) was left out": "die andere Endung {0} wurde weggelassen",
        r"the words beside the address were left out": "die Wörter neben der Adresse wurden weggelassen",
        r"the words beside the number were left out": "die Wörter neben der Nummer wurden weggelassen",
        r"is missing; the postcode is one of (.+) \(likelihood (.+)\)": (
            "fehlt; die Postleitzahl gehört zu {0} (Wahrscheinlichkeit {1})"
        ),
        r"is missing; the city has only (.+)": "fehlt; der Ort hat nur {0}",
        r"is not where the postcode is; (.+) is (.+) \(likelihood ([0-9.]+)\)": (
            "liegt nicht dort, wo die Postleitzahl liegt; {0} ist {1} (Wahrscheinlichkeit {2})"
        ),
        r"is not where the postcode is; (.+) is (.+) \(likelihood ([0-9.]+)\), or the postcode (.+) is meant": (
            "liegt nicht dort, wo die Postleitzahl liegt; {0} ist {1} (Wahrscheinlichkeit {2}), oder gemeint ist {3}"
        ),
        r"is no postcode of ([A-Z]+)": "ist keine Postleitzahl von {0}",
        r"is not a postcode of (.+)": "ist keine Postleitzahl von {0}",
        r"is not a region of (.+)": "ist keine Region von {0}",
        r"is not a city of (.+)": "ist kein Ort von {0}",
        r"the name says (.+)": "der Name nennt {0}",
        r"the landing page says (.+)": "die Zielseite nennt {0}",
        r"names several; (.+) was used": "nennt mehrere; {0} wurde verwendet",
        r"the street says (.+)": "die Straße nennt {0}",
        r"is a postcode of ([A-Z]+), not ([A-Z]+)": "ist eine Postleitzahl von {0}, nicht von {1}",
        r"does not have the format of postcodes in (.+)": "hat nicht die Form der Postleitzahlen von {0}",
        r"has no letters": "enthält keine Buchstaben",
        r"has no letters or digits": "enthält weder Buchstaben noch Ziffern",
        r"contains an address or code, not a name": "enthält eine Adresse oder Programmcode, keinen Namen",
        r"must be between 0 and (.+)": "muss zwischen 0 und {0} liegen",
        r"must not be negative": "darf nicht negativ sein",
        r"is too large": "ist zu groß",
        r"is unknown; give (.+)": "ist unbekannt; eines von {0} angeben",
        r"somebody else has verified it; it is kept here, but unclaimed and without mail": (
            "jemand anderes hat sie bestätigt; sie bleibt hier, aber ohne Zuordnung und ohne Mail"
        ),
        r"it was also given for a different lead; it is verified now and belongs to this lead alone": (
            "sie wurde auch für einen anderen Lead angegeben; sie ist jetzt bestätigt und gehört nur diesem Lead"
        ),
        r"no such field; it is kept with the submission; did you mean (.+)\?": (
            "kein solches Feld; es bleibt bei der Einsendung erhalten; gemeint ist vielleicht {0}"
        ),
        r"has (.+) cells of (.+); the last ones count as blank": (
            "hat {0} von {1} Zellen; die letzten gelten als leer"
        ),
        r"is not UTF-8 like the rest of the file; read as (.+)": (
            "ist nicht UTF-8 wie der Rest der Datei; gelesen als {0}"
        ),
    }
)
"""Messages of findings in English, as patterns, with their German: what the text of the code alone would not say."""
