"""The texts of explanations in German.

Reasons that were recorded, what people wrote, and names of rules and fields stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

from leadflow.languages.finding_texts import FINDING_PHRASES, FINDING_TEXTS
from leadflow.languages.language import Language

__all__ = ["GERMAN"]

_PHRASES: Final = {
    "email": "E-Mail",
    "phone": "Telefon",
    "letter": "Brief",
    # permission to send
    "no e-mail address": "keine E-Mail-Adresse",
    "no phone number": "keine Telefonnummer",
    "no postal address": "keine Postanschrift",
    "the lead is disqualified": "der Lead ist disqualifiziert",
    "the lead was absorbed by (.+)": "der Lead ist in {0} aufgegangen",
    "no consent for (.+) by (email|phone|letter)": "keine Einwilligung für {0} per {1}",
    "consent for (.+) by (email|phone|letter) was withdrawn on (.+)": "Einwilligung für {0} per {1} widerrufen am {2}",
    "consent for (.+) by (email|phone|letter) is valid from (.+)": "die Einwilligung für {0} per {1} gilt erst ab {2}",
    "outside the sending hours until (.+)": "außerhalb der Sendezeiten bis {0}",
    "consent was given with an address that no longer belongs to the lead": (
        "die Einwilligung gilt für eine Adresse, die nicht mehr zum Lead gehört"
    ),
    "the address is suppressed for (.+?) since ([0-9-]+): (.+)": "die Adresse ist für {0} gesperrt seit {1}: {2}",
    "the address is suppressed since ([0-9-]+): (.+)": "die Adresse ist gesperrt seit {0}: {1}",
    "consent was withdrawn": "die Einwilligung wurde widerrufen",
    "a complaint": "eine Beschwerde",
    "the mailbox refuses mail": "das Postfach nimmt keine Mail an",
    "its lead was erased": "der zugehörige Lead wurde gelöscht",
    "(consent was withdrawn|a complaint|the mailbox refuses mail|its lead was erased), (.+)": "{0}, {1}",
    "finished": "abgeschlossen",
    "the sequence was retired": "die Strecke wurde eingestellt",
    "rejected: (.+)": "abgelehnt: {0}",
    # reps
    "owns the lead already": "betreut den Lead bereits",
    "nobody was chosen": "niemand wurde gewählt",
    "others come first": "andere sind zuerst an der Reihe",
    "is not active": "ist nicht aktiv",
    "is away until (.+)": "ist abwesend bis {0}",
    "is outside working hours": "ist außerhalb der Arbeitszeit",
    "got (.+) today, at most (.+)": "hat heute {0} erhalten, höchstens {1}",
    "got (.+) this month, at most (.+)": "hat diesen Monat {0} erhalten, höchstens {1}",
    "has (.+) open, at most (.+)": "hat {0} offen, höchstens {1}",
    "is owed (.+) of a lead, more than anyone else": "hat Anspruch auf {0} eines Leads, mehr als alle anderen",
    "is owed (.+) of a lead, the first to reach a whole one": (
        "hat Anspruch auf {0} eines Leads und erreicht als Nächstes einen ganzen"
    ),
}

GERMAN: Final = Language(
    decimal_sign=",",
    moment="%d.%m.%Y %H:%M",
    day="%d.%m.%Y",
    phrases=tuple((re.compile(pattern), text) for pattern, text in (_PHRASES | FINDING_PHRASES).items()),
    reasons={code: text.german for code, text in FINDING_TEXTS.items()},
    remedies={code: text.remedy_in_german for code, text in FINDING_TEXTS.items()},
    texts={
        # headings
        "Stage": "Phase",
        "Score": "Punkte",
        "Route": "Zuteilung",
        "Nurturing": "Nurturing",
        "Tasks": "Aufgaben",
        "Findings": "Befunde",
        "Probable twins": "Mögliche Dubletten",
        # stage
        "stage": "{stage}{who}",
        "stage_since": "{stage} seit {since}{who}",
        "owner": ", betreut von {owner}",
        "in_queue": ", in der Warteschlange {queue}",
        "move": "{at} {move} {source} → {target}{skipped} durch {by}{reason}",
        "skipped": ", übersprungen: {stages}",
        "actor_rep": "Vertrieb {id}",
        "actor_marketing": "Marketing {id}",
        "actor_policy": "Regelwerk {id}",
        "actor_crm": "CRM {id}",
        "actor_person": "Person {id}",
        "actor_system": "System {id}",
        "cools": "kühlt allein durch Zeitablauf ab am {at}",
        "qualifies": "qualifiziert sich allein durch Zeitablauf am {at}",
        "takes_effect": "etwas Vordatiertes wird wirksam am {at}",
        "deadline_due": "Reaktionsfrist läuft ab am {at}",
        "deadline_breached": "Reaktionsfrist versäumt am {at}",
        # score
        "score": "Fit {fit} + Engagement {engagement} = {total} Punkte",
        "grade": ", Klasse {grade}",
        "veto": ", ausgeschlossen: {veto}",
        "score_moment": "{at} UTC",
        "side_fit": "Fit",
        "side_engagement": "Engagement",
        "failed": "{because}: fehlgeschlagen, {error}",
        "activity": "{count} Aktivität",
        "activities": "{count} Aktivitäten",
        "capped": "{raw} vor {cap}",
        "cap_rule": "der Obergrenze der Regel",
        "cap_veto": "dem Ausschluss",
        "cap_group": "der Obergrenze der Gruppe",
        "cap_model": "der Obergrenze des Modells",
        "stale": "veraltet: {model} hat das entschieden; mit dem aktuellen Modell neu bewerten",
        "no_model": "kein Modell",
        "tolerance": "Regelwerk: ein Score erreicht eine Schwelle schon bei {points} darunter (Toleranz)",
        # policy
        "policy_move": "Regelwerk: {reason}",
        "policy_returned": "Regelwerk: vom Vertrieb zurückgegeben; Wiedervorlage am {revisit}",
        "policy_not_qualified": "Regelwerk: nicht qualifiziert: {unmet}",
        "policy_cooling": "Regelwerk: kühlt nicht von selbst ab, jemand hat es so entschieden: {unmet}",
        "policy_cooling_at": "Regelwerk: wird am {at} abkühlen: {unmet}",
        "policy_nothing": "Regelwerk: nichts zu entscheiden in der Phase {stage}",
        "false": "{condition} ist nicht erfüllt",
        "unknown": "{condition} ist unbekannt",
        "not_reached": "Schwelle {condition} nicht erreicht",
        # outlook
        "goal_mql": "zum MQL: {line}",
        "goal_stay_mql": "als MQL: {line}",
        "ends_at": "endet allein durch Zeitablauf am {at} UTC",
        "never_ends": "endet nie allein durch Zeitablauf",
        "not_foreseen": "erreicht; bis wann, ist nicht vorhersehbar",
        "missing": "es fehlen: {parts}",
        "missing_point": "{points} Punkt {side}",
        "missing_points": "{points} Punkte {side}",
        "comes_at": "kommt allein durch Zeitablauf am {at} UTC",
        "would_do": "würde genügen: {way}",
        "way": "{steps} → Fit {fit}, Engagement {engagement}",
        "step": "{plain}",
        "no_way": "keine Änderung, die eine Regel belohnt, würde genügen",
        "side_total": "gesamt",
        # route
        "route": "an {whom}, Gebiet {territory}",
        "route_queue": "Warteschlange {queue}",
        "offered_again": "wird der Verteilung wieder angeboten: {at}",
        "nobody": "noch niemanden",
        "no_territory": "(keines)",
        "gate": "{name}: {outcome} ({text})",
        "outcome_true": "erfüllt",
        "outcome_false": "nicht erfüllt",
        "outcome_unknown": "unbekannt",
        "eligible": "{rep}: kommt infrage{share}",
        "not_eligible": "{rep}: kommt nicht infrage{share}",
        "share": ", zugeteilt {assigned}, Anspruch {entitled}",
        # nurturing
        "step_due": "{sequence}: Schritt {step} am {at}",
        "step_overdue": (
            "{sequence}: Schritt {step} am {at}, überfällig: kein tick hat ihn ausgeführt, oder keiner mit Mailserver"
        ),
        "sequence_ended": "{sequence}: beendet, {why}",
        "blocked": "{sequence} darf nicht gesendet werden: {reasons}",
        "blocked_until": "{sequence} darf nicht gesendet werden: {reasons} (frühestens {earliest})",
        "message": "{at} {content}: {fate}{why}",
        "fate_claimed": "in Arbeit",
        "fate_sent": "gesendet",
        "fate_failed": "fehlgeschlagen",
        "fate_uncertain": "ungewiss",
        "fate_skipped": "ausgelassen",
        "unsent_retry": "{sequence}: noch nicht gesendet, {attempts} fehlgeschlagen, nächster Versuch am {at}: {error}",
        "unsent_dead": "{sequence}: aufgegeben, {attempts} fehlgeschlagen: {error}; Aufgabe wiederholen oder verwerfen",
        "attempt": "{count} Versuch",
        "attempts": "{count} Versuche",
        # tasks
        "task_retry": "{task}: {attempts} fehlgeschlagen, nächster Versuch am {at}: {error}",
        "task_dead": "{task}: aufgegeben, {attempts} fehlgeschlagen: {error}; Aufgabe wiederholen oder verwerfen",
        # findings and twins
        "finding": "{severity}: {field}: {reason}{meant}",
        "meant": "; vermutlich {suggestion}",
        "severity_error": "Fehler",
        "severity_warning": "Warnung",
        "severity_note": "Hinweis",
        "twin": "{lead_id} {likeness} %: {evidence}",
        "apart": "{at} {lead_id} ist jemand anders, sagt {by}",
        # conditions
        "and": " und ",
        "or": " oder ",
        "not": "nicht ({part})",
        "is_unknown": "{name} ist unbekannt",
        "known": "{name} ist bekannt",
        "in": "{name} ist eines von {values}",
        "more_values": "{values}, … ({count} insgesamt)",
        "between": "{name} von {low} bis {high}",
        "contains": "{name} enthält {value}",
        "matches": "{name} enthält die Wörter {value}",
        "starts_with": "{name} beginnt mit {value}",
        "ends_with": "{name} endet mit {value}",
        "like": "{name} hat die Form {value}",
        "within": "{name} in den letzten {days} Tagen",
        "within_a_day": "{name} am letzten Tag",
        "always": "immer",
        "never": "nie",
        "value_true": "wahr",
        "value_false": "falsch",
    },
)
