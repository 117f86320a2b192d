"""``leadflow learn-roles``: what confirmed buying roles teach the proposals."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from leadflow.cli.options import DatabaseOptions, Output
from leadflow.entities import BuyingRole, Lead
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.tables import Watch
from leadflow.flow import LeadFlow
from leadflow.quality.buying_roles import RoleModel

__all__ = ["learn_roles"]


def learn_roles(
    stored: DatabaseOptions,
    output: Output,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="ROLES.json", help="Write the model, for role_model in the config."),
    ] = None,
) -> None:
    """Learn from the buying roles that the team has confirmed, and show which proposals would be others.

    Counts all leads anew. Each confirmed lead is one more case of what its title, seniority and department say; after
    ten with a clue they count as much as what leadflow assumes.
    """
    check_outputs({"--out": out}, (stored.config,) if stored.config else ())
    with stored.opened() as flow, output.progress() as watch:
        learned = _Learned.of(flow, watch)
    write_text(out, learned.model.model_dump_json(indent=2))
    written = [f"model: {out}"] if out else ["nothing was written; --out ROLES.json keeps it"]
    output.show(learned.as_json, (*learned.lines(), *written))


@dataclass
class _Learned:
    """The model, from how many leads, and how many others it proposes another role for than the present one."""

    model: RoleModel = field(default_factory=RoleModel)
    confirmed: int = 0
    others: int = 0
    changes: Counter[tuple[BuyingRole | None, BuyingRole | None]] = field(default_factory=Counter)

    @classmethod
    def of(cls, flow: LeadFlow, watch: Watch) -> "_Learned":
        learned, present = cls(), flow.policy.role_model
        learned.model = RoleModel().taught_by(learned.counted(flow, watch))
        for lead in flow.leads():
            if lead.confirmed_role is None:
                learned.others += 1
                before, after = _likely(present, lead), _likely(learned.model, lead)
                if before != after:
                    learned.changes[before, after] += 1
        return learned

    def counted(self, flow: LeadFlow, watch: Watch) -> Iterator[Lead[Any]]:
        """Return all leads, and count those whose role is confirmed."""
        for number, lead in enumerate(flow.leads(), 1):
            self.confirmed += lead.confirmed_role is not None
            watch("leads", number)
            yield lead

    def lines(self) -> Iterator[str]:
        """Say what was learned, and what it changes."""
        yield f"confirmed roles: {self.confirmed:,} leads, which say something of {len(self.model.taught):,} clues"
        yield f"other proposals than now: {self.changes.total():,} of {self.others:,} leads without a confirmed role"
        for (before, after), number in self.changes.most_common():
            yield f"  {before or 'none'} → {after or 'none'}: {number:,}"

    def as_json(self) -> dict[str, object]:
        """Return the same as data, with the model."""
        changes = [{"before": before, "after": after, "leads": n} for (before, after), n in self.changes.most_common()]
        return {
            "confirmed": self.confirmed,
            "others": self.others,
            "changes": changes,
            "model": self.model.model_dump(mode="json"),
        }


def _likely(model: RoleModel, lead: Lead[Any]) -> BuyingRole | None:
    return next((one.role for one in model.propose(lead)), None)
