"""Setting up the policy: the host's rules are checked once, before the first lead comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, Final

from leadflow.buying_center import BuyingCenter
from leadflow.conditions import bind, field, leaves
from leadflow.conditions.path_types import shape_at
from leadflow.conditions.values import is_of_account, is_of_advice
from leadflow.data_quality import DataQuality, with_data_quality
from leadflow.decisions.arguments import flag_of
from leadflow.decisions.policy import UNTAUGHT, Policy
from leadflow.enrichment.enricher import Enricher, checked_enrichers
from leadflow.entities import Entity, Lead
from leadflow.entities.lead import with_former_stages
from leadflow.errors import DefinitionError, shown
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.nurturing import Content, Nurturing, Sequence, suppression_key, unsubscribe_headers
from leadflow.qualification import Qualification
from leadflow.quality import MAJOR_CITIES, Gazetteer
from leadflow.quality.buying_roles import RoleModel
from leadflow.routing import Router, Team
from leadflow.scoring import Scorer, ScoringModel
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = ["measured_by", "policy_of"]


def policy_of(
    *,
    mails: bool,
    custom: type[Entity] | None = None,
    lifecycle: Lifecycle = DEFAULT,
    scoring: ScoringModel | None = None,
    qualification: Qualification | None = None,
    router: Router | None = None,
    teams: Iterable[Team] = (),
    sequences: Iterable[Sequence] = (),
    contents: Iterable[Content] = (),
    service_levels: Iterable[ServiceLevel] = (),
    data_quality: DataQuality | None = None,
    buying_centers: Iterable[BuyingCenter] = (),
    role_model: RoleModel | None = None,
    enrichers: Iterable[Enricher] = (),
    country: str | None = None,
    gazetteer: Gazetteer | None = MAJOR_CITIES,
    sender: str = "leadflow <leadflow@localhost>",
    unsubscribe_url: str | None = None,
    quiet: BusinessHours | None = None,
    secrets: bytes | tuple[bytes, ...] = (),
    delivers: bool = True,
) -> Policy:
    """Bind rules to the host's class of lead; ``DefinitionError`` for what can't work.

    ``mails``: there is a mailer, so unsubscribe links must be signed.
    """
    _check_custom(custom)
    lead_type: type[Lead[Any]] = Lead[custom] if custom is not None else Lead  # type: ignore[valid-type]
    lead_type = measured_by(with_former_stages(lead_type, lifecycle.present), data_quality)
    nurturing = Nurturing(tuple(sequences), tuple(contents)).bind(lead_type)
    secrets = (secrets,) if isinstance(secrets, bytes) else tuple(secrets)
    _check_nurturing(nurturing, lifecycle, unsubscribe_url, secrets, mails=mails)
    _check_journey(lifecycle, qualification)
    of_account = _rules_on_accounts(qualification, router, nurturing.sequences)
    if of_account and scoring is None:
        raise DefinitionError(f"{of_account[0]} is computed with scores; give LeadFlow scoring=ScoringModel(…)")
    teams, buying_centers = tuple(teams), _checked_buying_centers(buying_centers)
    if not isinstance(role_model, RoleModel | None):
        raise DefinitionError(f"role_model is {shown(role_model)}; give a RoleModel: RoleModel().taught_by(…)")
    _check_teams(teams, lifecycle)
    return Policy(
        lead_type=lead_type,
        lifecycle=lifecycle,
        scoring=_scorer_of(scoring, lead_type, of_account) if scoring else None,
        qualification=qualification.bind(lead_type) if qualification else None,
        router=router.bind(lead_type) if router else None,
        teams=teams,
        sequences={one.name: one for one in nurturing.sequences},
        contents=tuple(nurturing.contents),
        service_levels=_by_stage(service_levels, lifecycle),
        buying_centers=buying_centers,
        role_model=role_model or UNTAUGHT,
        enrichers=checked_enrichers(tuple(enrichers), lead_type),
        country=country,
        gazetteer=gazetteer,
        sender=sender,
        unsubscribe_url=unsubscribe_url,
        quiet=quiet,
        secrets=secrets,
        delivers=flag_of("delivers", delivers),
    )


def _scorer_of(scoring: ScoringModel, lead_type: type[Lead[Any]], of_account: Collection[str]) -> Scorer:
    advises = any(map(is_of_advice, of_account))
    return scoring.bind(lead_type, keeps_account=bool(of_account), keeps_advice=advises)


def _checked_buying_centers(given: Iterable[BuyingCenter]) -> tuple[BuyingCenter, ...]:
    centers = tuple(given)
    for one in centers:
        if not isinstance(one, BuyingCenter):
            raise DefinitionError(f"buying_centers has {shown(one)}; give a list of BuyingCenter(…)")
    names = [one.name for one in centers]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DefinitionError(f"two buying centers are named {twice!r}; give each a name of its own")
    return centers


def _rules_on_accounts(
    qualification: Qualification | None, router: Router | None, sequences: Iterable[Sequence]
) -> list[str]:
    """Return the paths of accounts that routing, qualification and nurturing look at."""
    conditions = [one.audience for one in sequences]
    conditions += [condition for _, condition in qualification.conditions()] if qualification else []
    if router is not None:
        conditions += [one.condition for one in router.gates]
        conditions += [one.condition for one in router.territories]
    found = (leaf for condition in conditions for leaf in leaves(condition) if leaf.scope == "field")
    return [leaf.path for leaf in found if is_of_account(leaf.path)]


def measured_by(lead_type: type[Lead[Any]], data_quality: DataQuality | None) -> type[Lead[Any]]:
    """The class of leads whose data is measured so; ``DefinitionError`` for a need that is no field of theirs."""
    if data_quality is None:
        return lead_type
    for purpose in data_quality.purposes:
        for path in (path for need in purpose.needs for paths in need.any_of for path in paths):
            if shape_at(lead_type, path) is None:
                try:
                    bind(field(path).is_known(), lead_type)
                except DefinitionError as wrong:
                    raise DefinitionError(f"data quality, purpose {purpose.name!r}: {wrong}") from None
    return with_data_quality(lead_type, data_quality)


def _check_custom(custom: type[Entity] | None) -> None:
    if custom is None:
        return
    if not (isinstance(custom, type) and issubclass(custom, Entity)):
        raise DefinitionError(f"custom is {custom!r}; give a class that inherits from leadflow.Entity")
    required = [name for name, field in custom.model_fields.items() if field.is_required()]
    if required:
        raise DefinitionError(f"custom field {required[0]!r} needs a default: of a new lead nothing is known yet")


def _check_nurturing(
    nurturing: Nurturing, lifecycle: Lifecycle, unsubscribe_url: str | None, secrets: tuple[bytes, ...], *, mails: bool
) -> None:
    """Refuse sequences that could not be sent or unsubscribed, before the first mail is due.

    Without a mailer no mail is composed, and no secret is needed to sign links.
    """
    can_sign = bool(secrets) or not mails
    if any(one.channel == "email" for one in nurturing.sequences) and not (unsubscribe_url and can_sign):
        raise DefinitionError(
            "sequences by e-mail need unsubscribe_url='https://…?t={token}' and secrets=[b'…'], so that every mail "
            "can be unsubscribed"
        )
    if unsubscribe_url is not None:
        if "{token}" not in unsubscribe_url:
            raise DefinitionError(f"unsubscribe_url {unsubscribe_url!r} needs {{token}}: it says who unsubscribes")
        unsubscribe_headers(unsubscribe_url.replace("{token}", "t"))
    for secret in secrets:
        suppression_key("email", "checks the secret", secret)
    for stage in {stage for one in nurturing.sequences for stage in (*one.stages, *one.exit_on)}:
        lifecycle.stage(stage)


def _check_journey(lifecycle: Lifecycle, qualification: Qualification | None) -> None:
    if lifecycle.first != "prospect" or "identify" not in lifecycle.allowed("prospect"):
        raise DefinitionError("a lifecycle begins with the stage 'prospect', from which the move 'identify' leads on")
    for track in qualification.fast_track if qualification else ():
        lifecycle.stage(track.to)


STEPS: Final = ("assign", "unassign", "change_deal", "reopen_deal")
"""What teams have a say in besides the moves of the lifecycle."""


def _check_teams(teams: tuple[Team, ...], lifecycle: Lifecycle) -> None:
    names = [team.name for team in teams]
    if twice := [name for name in names if names.count(name) > 1]:
        raise DefinitionError(f"team {twice[0]!r} is defined twice; give each its own name")
    known = {*(move.name for move in lifecycle.moves), *STEPS}
    for team in teams:
        for move in team.who_may:
            if move not in known:
                near = get_close_matches(move, known, n=1) or sorted(known)
                raise DefinitionError(f"team {team.name!r}: there is no move {move!r}; did you mean {near[0]!r}?")


def _by_stage(levels: Iterable[ServiceLevel], lifecycle: Lifecycle) -> dict[str, ServiceLevel]:
    by_stage: dict[str, ServiceLevel] = {}
    for level in levels:
        lifecycle.stage(level.stage)
        if level.stage in by_stage:
            raise DefinitionError(f"two service levels for {level.stage!r}; give each stage one")
        by_stage[level.stage] = level
    return by_stage
