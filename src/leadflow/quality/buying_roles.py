"""Buying roles: which part somebody probably plays in a purchase, by job title, department and behaviour, with reasons.

Each clue (a word of the title, the seniority, the department, a kind of activity, who came first) says in how many of
ten cases it goes with which role; the confidence is the weighted mean of what the clues say. What people confirm is
added to these cases, per clue: after ten confirmed leads with a clue their roles count as much as the table does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple, Self, get_args

from pydantic import Field

from leadflow.entities import Activity, BuyingRole, Lead, Line, RoleProposal
from leadflow.entities.definition import Definition
from leadflow.quality.seniority import Wording, department_of, seniority_of, title_words

__all__ = ["RoleModel"]

RoleShares = Mapping[BuyingRole, int]

ANYBODY: Final[RoleShares] = {"user": 4, "influencer": 3, "decider": 1, "gatekeeper": 1, "buyer": 1}
TITLES: Final[tuple[tuple[str, RoleShares, tuple[str, ...]], ...]] = (
    ("purchasing", {"buyer": 9, "decider": 1}, (
        "einkauf*", "*einkauf*", "*einkäufer*", "procurement", "purchas*", "buyer*", "sourcing", "beschaffung*",
        "*beschaffung", "achat*", "acheteu*")),
    ("the practice of a profession", {"user": 8, "influencer": 2}, (
        "pfleg*", "*pfleger*", "*therapeut*", "*therapist*", "nurse*", "arzt*", "*arzt", "*ärzt*", "doctor", "surgeon*",
        "dental", "medical", "röntgen*", "teacher*", "lehrer*", "*lehrer*", "*professor*",
        "*technische assisten*", "*technischer assisten*", "universitäts*", "artist*",
        "musician*", "*musiker*", "actor*", "journalist*", "*journalist*", "writer*", "editor", "librarian*",
        "psycholog*", "photograph*", "fotograf*", "social worker*", "sozial*", "designer*")),
    ("an assistant, or who opens the door", {"gatekeeper": 8, "user": 2}, (
        "*assisten*", "assistant*", "*sekretär*", "secretary", "secretaries", "secrétaire*", "office manager*",
        "reception*", "rezeption*", "empfang*", "vorzimmer*")),
    ("who guards rules and systems", {"gatekeeper": 7, "influencer": 2, "decider": 1}, (
        "datenschutz*", "privacy", "compliance", "regulatory", "security", "*sicherheit", "ciso", "*systemadmin*",
        "+administrator", "+administratorin", "system administrator", "systems administrator",
        "network", "netzwerk*", "legal", "counsel", "jurist*")),
    ("the head of an organisation, or of a part", {"decider": 9, "influencer": 1}, (
        "chief", "ceo", "cfo", "cto", "coo", "cio", "cmo", "president", "owner*", "founder*", "*inhaber*", "gründer*",
        "geschäftsführ*", "geschäftsleit*", "vorstand*", "prokurist*", "managing director", "head of", "vp",
        "director of", "*direktor*", "abteilungsleit*", "bereichsleit*", "werkleit*", "werksleit*", "betriebsleit*",
        "heimleit*", "filialleit*", "personalleit*", "produktionsleit*", "it leit*", "leiter der", "leiter des",
        "leiterin der")),
    ("who is responsible for a project or a product", {"influencer": 7, "decider": 2, "user": 1}, (
        "projektleit*", "*projektleit*", "project manager*", "projektmanager*", "product manager*", "produktmanager*",
        "product owner*", "bauleit*", "*beauftragte*", "campaign", "content", "community", "*referent*", "innovation*",
        "growth", "risk", "key account", "account executive*", "team lead*", "*marketing manager*", "+manager",
        "+managerin")),
    ("who judges, plans or advises", {"influencer": 8, "user": 1, "decider": 1}, (
        "analyst*", "*analyst*", "consultant*", "*consultant*", "*berater*", "adviser*", "advisor*", "engineer*",
        "*ingenieur*", "ingénieur*", "scientist*", "*wissenschaft*", "research*", "forsch*", "controller*",
        "*controller*", "architect*", "architekt*", "auditor*", "surveyor*", "planner*", "statistic*", "*mathemat*",
        "*entwickler*", "developer*", "konstrukteur*", "*konstrukteur*", "economist*", "geolog*", "chemist*",
        "biolog*", "botanik*", "officer*", "accountant*")),
    ("who works with it", {"user": 9, "influencer": 1}, (
        "*techniker*", "*technik", "technician*", "*mechaniker*", "*monteur*", "*installateur*", "operator*",
        "*fahrer*", "driver*", "worker*", "clerk*", "sachbearbeit*", "*buchhalt*", "*verkäuf*", "verkauf*", "sales",
        "*fachmann", "*fachfrau", "fachkraft", "*schlosser*", "*schweißer*", "*helfer*", "*bauer*", "*macher*",
        "*arbeiter*", "*trainer*", "*erzeuger*", "administrator*")),
    ("who runs a house or a department", {"decider": 7, "influencer": 3}, (
        "manager*", "*leiter", "*leiterin", "leiter*", "leitung", "director*", "head", "leader*")),
    ("who is named after their work", {"user": 6, "influencer": 3, "decider": 1}, (
        "*er", "*erin", "*or", "*orin", "*ist", "*istin", "*ar", "*arin", "*loge", "*login", "*ogin", "*eur", "*eurin",
        "*ant", "*antin", "*ent", "*entin", "*iker", "*ikerin")),
)  # fmt: skip
SENIORITIES: Final[Mapping[str, RoleShares]] = {
    "c-level": {"decider": 9, "initiator": 1},
    "director": {"decider": 7, "influencer": 3},
    "manager": {"influencer": 5, "decider": 4, "user": 1},
    "staff": {"user": 6, "influencer": 3, "gatekeeper": 1},
    "student": {"user": 9, "influencer": 1},
}
DEPARTMENTS: Final[Mapping[str, RoleShares]] = {
    "Purchasing": {"buyer": 9, "decider": 1},
    "Administration": {"gatekeeper": 8, "user": 2},
    "IT": {"influencer": 5, "gatekeeper": 4, "user": 1},
    "Legal": {"gatekeeper": 7, "influencer": 3},
    "Finance": {"influencer": 5, "decider": 2, "user": 2, "buyer": 1},
    "Management": {"decider": 9, "influencer": 1},
    "Engineering": {"influencer": 7, "user": 3},
    "Product": {"influencer": 7, "user": 2, "decider": 1},
    "Marketing": {"influencer": 6, "user": 3, "decider": 1},
    "HR": {"influencer": 4, "decider": 3, "user": 3},
    "Production": {"user": 6, "influencer": 3, "decider": 1},
    "Logistics": {"user": 6, "influencer": 2, "decider": 2},
    "Service": {"user": 8, "influencer": 2},
    "Sales": {"user": 7, "influencer": 2, "decider": 1},
}
BEHAVIOUR: Final[tuple[tuple[str, RoleShares, tuple[str, ...]], ...]] = (
    ("asked for prices", {"buyer": 5, "decider": 4, "influencer": 1}, (
        "pric*", "quote*", "offer*", "angebot*", "preis*")),
    ("tried or used it", {"user": 8, "influencer": 2}, ("trial*", "login*", "doc*", "support*", "training*", "test*")),
    ("read and listened", {"influencer": 6, "initiator": 2, "user": 2}, (
        "whitepaper*", "webinar*", "download*", "study")),
)  # fmt: skip
FIRST: Final[RoleShares] = {"initiator": 8, "influencer": 1, "user": 1}
SAID: Final = "says it themselves"
"""The strongest clue, and no more than that: a form proves nothing."""
SAID_ROLES: Final[Mapping[BuyingRole, RoleShares]] = {
    role: {role: 9, "user" if role == "influencer" else "influencer": 1} for role in get_args(BuyingRole)
}
WEIGHTS: Final = {SAID: 12, "title": 6, "seniority": 2, "department": 2, "behaviour": 2, "first": 2, "anybody": 1}
"""What each kind of clue weighs in the mean."""


class _Clue(NamedTuple):
    kind: str
    name: str
    cases: RoleShares

    @property
    def key(self) -> str:
        return f"{self.kind}: {self.name}"


class RoleModel(Definition):
    """Proposes buying roles; ``taught`` counts, per clue, the roles of leads whose role somebody confirmed.

    A frozen value, to JSON and back: the same model gives the same proposals.
    """

    taught: dict[Line, dict[BuyingRole, Annotated[int, Field(ge=0)]]] = Field(default_factory=dict)

    def taught_by(self, leads: Iterable[Lead[Any]]) -> Self:
        """Return the model with the roles of these leads added, as far as they are known.

        Give it all leads of the base (``flow.leads()``) to ``RoleModel()``: twice the same lead counts twice.
        """
        counts = {key: Counter(roles) for key, roles in self.taught.items()}
        for lead in leads:
            if lead.confirmed_role is not None:
                for clue in _clues(lead, (), first=False):
                    counts.setdefault(clue.key, Counter())[lead.confirmed_role] += 1
        return self.but(taught={key: dict(sorted(roles.items())) for key, roles in sorted(counts.items())})

    def propose(
        self, lead: Lead[Any], activities: Iterable[Activity] = (), *, first: bool = False
    ) -> tuple[RoleProposal, ...]:
        """Return the roles that the lead may have, the most likely first; empty without any clue.

        ``first``: it was the first of its company to do anything. The confidences of all roles add up to at most 1.
        """
        clues = list(_clues(lead, activities, first=first))
        if not clues:
            return ()
        clues.append(_Clue("anybody", "anybody", ANYBODY))
        shares: defaultdict[BuyingRole, float] = defaultdict(float)
        reasons: dict[BuyingRole, list[tuple[float, str]]] = {}
        whole = sum(WEIGHTS[clue.kind] for clue in clues)
        for clue in clues:
            for role, share in self._shares(clue).items():
                shares[role] += WEIGHTS[clue.kind] * share / whole
                if clue.kind != "anybody" and share >= 0.2:
                    reasons.setdefault(role, []).append((-WEIGHTS[clue.kind] * share, self._reason(clue, role, share)))
        ranked = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
        return tuple(
            RoleProposal(
                role=role,
                confidence=round(share, 3),
                because=tuple(text for _, text in sorted(reasons.get(role, ()))),
            )
            for role, share in ranked
            if reasons.get(role)
        )

    def _shares(self, clue: _Clue) -> dict[BuyingRole, float]:
        taught: Mapping[Any, int] = self.taught.get(clue.key, {})
        whole = sum(clue.cases.values()) + sum(taught.values())
        roles = sorted({*clue.cases, *taught})
        return {role: (clue.cases.get(role, 0) + taught.get(role, 0)) / whole for role in roles}

    def _reason(self, clue: _Clue, role: BuyingRole, share: float) -> str:
        confirmed = self.taught.get(clue.key, {}).get(role, 0)
        return f"{clue.key} ({share:.0%}{f', {confirmed} confirmed' if confirmed else ''})"


def _clues(lead: Lead[Any], activities: Iterable[Activity], *, first: bool) -> Iterator[_Clue]:
    person, title = lead.person, lead.person.job_title
    if lead.buying_role is not None and lead.confirmed_role is None:
        yield _Clue(SAID, lead.buying_role, SAID_ROLES[lead.buying_role])
    if title is not None:
        spaced, words = title_words(title)
        found = (_Clue("title", name, cases) for name, cases, told in _TITLES if told.by(spaced, words))
        yield from islice(found, 1)  # the first row wins
    seniority = person.seniority or (seniority_of(title) if title else None)
    if seniority is not None:
        yield _Clue("seniority", seniority, SENIORITIES[seniority])
    department = person.department or (department_of(title) if title else None)
    if department is not None and department in DEPARTMENTS:
        yield _Clue("department", department, DEPARTMENTS[department])
    did = {activity.kind.casefold().replace("_", " ") for activity in activities if activity.retracted_at is None}
    for name, cases, told in _BEHAVIOUR:
        if any(told.by(*title_words(kind)) for kind in did):
            yield _Clue("behaviour", name, cases)
    if first:
        yield _Clue("first", "the first of the company", FIRST)


_TITLES: Final = tuple((name, cases, Wording.of(patterns)) for name, cases, patterns in TITLES)
_BEHAVIOUR: Final = tuple((name, cases, Wording.of(patterns)) for name, cases, patterns in BEHAVIOUR)
