"""One lead at a time: twenty rules with reasons, against a function written by hand and against other rule engines.

``python benchmarks/single.py [--quick] [--without-peers]``; ``make bench`` runs it, too. Data and rules are those of
``batch.py``, with the five rules more that make twenty. Contenders take turns, round by round, in processes of their
own (the engines need packages that clash), each timed in CPU seconds of its process; ratios are of the same round.
Before anything is timed, every contender must say of every lead what the function by hand says. Engines are installed
from PyPI into a folder that is thrown away; those that can't be are left out with a note. A hundred leads stay in the
cache; of a thousand, most of the time goes to fetching the objects from memory, by hand or not. Engines that take
dictionaries only are given a ``Lead`` as a dictionary of just the fields that the rules ask for, written out by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from leadflow.conditions import activity, all_of, field
from leadflow.entities import Activity, Address, Company, Email, Entity, Lead, Person, Phone, Score
from leadflow.scoring import Grades, ScoringModel, half_life, on, points

batch, by_hand, peers = map(import_module, ("batch", "by_hand", "peers"))  # beside this file
NOW = datetime(2026, 7, 1, tzinfo=UTC)
RULES = json.loads((Path(__file__).parent / "scoring/scoring_bench_rules.json").read_text())
TWENTY = [*RULES["fit"], *RULES["fit_extra_for_twenty_rules"]]
PATHS = {
    "industry": "company.industry", "employees": "company.employees", "revenue": "company.revenue",
    "title": "person.job_title", "language": "person.language", "country": "address.country",
    "email": "email.address", "phone": "phone.number", "budget": "budget", "source": "source", "stage": "stage",
    "website": "custom.website", "consent": "custom.consent", "do_not_call": "custom.do_not_call",
    "is_customer": "custom.is_customer", "seats": "custom.seats",
}  # fmt: skip
LEAST = 0.1
"""Seconds that a measurement takes at least."""


# --- leads -----------------------------------------------------------------------------------------------------


class Fields(Entity):
    website: str | None = None
    consent: bool | None = None
    do_not_call: bool | None = None
    is_customer: bool | None = None
    seats: int | None = None


def rows(many: int) -> list[dict[str, Any]]:
    """The first leads of the batch benchmark with all of their 25 fields, as JSON has them."""
    import numpy as np

    found = batch.leads(np.random.default_rng(7), many, np.datetime64("2026-07-01T00:00:00", "us")).to_pylist()
    return [row | {"created_at": row["created_at"].isoformat()} for row in found]


def lead_of(row: dict[str, Any]) -> Lead[Fields]:
    return Lead[Fields](
        id=str(row["lead_id"]), created_at=row["created_at"] + "Z", recorded_at=NOW,
        emails=(Email(address=row["email"]),), phones=(Phone(number=row["phone"]),) if row["phone"] else (),
        address=Address(country=row["country"], city=row["city"]),
        person=Person(
            job_title=row["title"], language=row["language"], first_name=row["first_name"], last_name=row["last_name"]
        ),
        company=Company(
            name=row["company"], industry=row["industry"], employees=row["employees"], revenue=row["revenue"]
        ),
        budget=row["budget"], source=row["source"], stage=row["stage"],
        custom=Fields(**{name: row[name] for name in Fields.model_fields}),
    )  # fmt: skip


def nested(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, path in PATHS.items():
        *above, last = path.split(".")
        inner = out
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = row[name]
    return out


def model(of: Callable[[str], Any], engagement: Sequence[Any] = ()) -> ScoringModel:
    fit = [points(rule["points"], batch.condition(rule["when"], of), because=rule["name"]) for rule in TWENTY]
    return ScoringModel(name="bench", fit=fit, engagement=engagement, grades=Grades(**RULES["grades"]))


def by_path(name: str) -> Any:
    return field(PATHS[name])


# --- contenders: by what they are given ------------------------------------------------------------------------

Contenders = dict[str, tuple[list[Any], Callable[[Any], Any], bool]]
"""By name: what they are asked of, how, and whether they tell which rules fired."""


def ours(many: int) -> Contenders:
    data = rows(many)
    leads, trees = [lead_of(row) for row in data], [nested(row) for row in data]
    on_paths, on_rows = model(by_path).bind(Lead[Fields]), model(field).bind(dict)
    of_lead, of_row, of_tree = on_paths.fit, on_rows.fit, model(by_path).bind(dict).fit
    return {
        "lead by hand": (leads, lambda lead: by_hand.of_lead(lead), True),  # noqa: PLW0108  # called as the others are
        "lead scorer": (leads, lambda lead: of_lead(lead, NOW), True),
        "lead score": (leads, lambda lead: on_paths.score(lead, (), NOW), True),
        "row by hand": (data, lambda row: by_hand.of_row(row), True),  # noqa: PLW0108  # the same
        "row scorer": (data, lambda row: of_row(row, NOW), True),
        "row score": (data, lambda row: on_rows.score(row, (), NOW), True),
        "nested scorer": (trees, lambda tree: of_tree(tree, NOW), True),
    }


def of_objects(ask: Callable[[Any], Any], given: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda lead: ask(given(lead))


def theirs(name: str, many: int) -> Contenders:
    data = rows(many)
    leads, used = [lead_of(row) for row in data], [{name: row[name] for name in PATHS} for row in data]
    read = {name: attrgetter(path) for name, path in PATHS.items()}
    out: Contenders = {}
    for form_name, form in peers.PEERS[name][1](TWENTY).items():
        if form.takes_objects:
            out[f"lead: {form_name}"] = (leads, of_objects(form.ask, lambda lead: (lead, read)), form.fired)
            continue
        out[f"lead: {form_name}"] = (leads, of_objects(form.ask, by_hand.row_of), form.fired)
        out[f"row: {form_name}"] = (data, form.ask, form.fired)
        out[f"used: {form_name}"] = (used, form.ask, form.fired)
    return out


def plain(given: Any, fired: bool) -> Any:
    """What a contender said, to be compared."""
    if isinstance(given, Score):
        return plain((given.fit, given.contributions), fired)
    if not fired:
        return [float(given), None]
    total, reasons = given
    pairs = [(one.points, one.because) if hasattr(one, "because") else one for one in reasons]
    return [float(total), sorted((str(name), float(worth)) for worth, name in pairs)]


# --- a process that measures -----------------------------------------------------------------------------------


def serve(name: str, many: int, answers: Path) -> None:
    """Say what is there and what it says of each lead; then time whatever is asked for."""
    contenders = ours(many) if name == "leadflow" else theirs(name, many)
    said = {one: [plain(ask(x), fired) for x in given] for one, (given, ask, fired) in contenders.items()}
    answers.write_text(json.dumps(said))
    times = dict.fromkeys(contenders, 1)
    print(json.dumps({one: fired for one, (_, _, fired) in contenders.items()}), flush=True)
    for line in sys.stdin:
        given, ask, _ = contenders[line.strip()]
        while True:
            begun = time.process_time()
            for _ in range(times[line.strip()]):
                for one in given:
                    ask(one)
            used = time.process_time() - begun
            if used >= LEAST:
                break
            times[line.strip()] *= 2
        print(used / times[line.strip()] / len(given) * 1e6, flush=True)


class Process:
    """One that serves contenders."""

    def __init__(self, name: str, many: int, folder: Path, packages: Path | None) -> None:
        paths = [str(packages)] if packages else []
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([*paths, *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        }
        self.name, answers = name, folder / f"{name}.json"
        command = [sys.executable, __file__, "--serve", name, str(many), str(answers)]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.fired: dict[str, bool] = json.loads(self._line())
        self.said: dict[str, list[Any]] = json.loads(answers.read_text())

    def measure(self, contender: str) -> float:
        """Microseconds of CPU per lead."""
        assert self._process.stdin is not None
        print(contender, file=self._process.stdin, flush=True)
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a process of the benchmark has failed")
        return line

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def running(names: Sequence[str], many: int, packages: dict[str, Path]) -> Iterator[list[Process]]:
    """A process each; all say the same of every lead."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        found = []
        for name in names:
            found.append(Process(name, many, Path(scratch), packages.get(name)))
            stack.callback(found[-1].close)
        truth = found[0].said["lead by hand"]
        for process in found:
            for contender, said in process.said.items():
                both = zip(said, truth, strict=True)
                wrong = sum(one[0] != right[0] or one[1] not in (None, right[1]) for one, right in both)
                assert not wrong, f"{process.name}, {contender}: {wrong} of {len(truth)} leads are scored otherwise"
        yield found


def installed(folder: Path) -> dict[str, Path]:
    """Where each engine's packages are; those that pip can't get are left out."""
    found = {}
    for name, (requirement, _) in peers.PEERS.items():
        target = folder / name
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
        if subprocess.run(
            [*command, "--target", str(target), requirement], capture_output=True, check=False
        ).returncode:
            print(f"\n{requirement} could not be installed and is left out.")
        else:
            found[name] = target
    return found


# --- tables ----------------------------------------------------------------------------------------------------


def spread(ratios: Sequence[float]) -> str:
    return f"**{statistics.median(ratios):.3g} ×** ({min(ratios):.3g} to {max(ratios):.3g})"


def turns(asked: Sequence[tuple[Process, str]], rounds: int) -> list[dict[tuple[str, str], float]]:
    """Microseconds by process and contender, round by round; in each round in another order."""
    dice, found = random.Random(7), []
    for _ in range(rounds + 1):
        order = dice.sample(asked, len(asked))
        found.append({(process.name, one): process.measure(one) for process, one in order})
    return found[1:]  # the first has warmed up


def against_hand(many: int, rounds: int) -> None:
    kinds = {"lead": "`Lead`", "row": "flat dictionary", "nested": "nested dictionary"}
    with running(["leadflow"], many, {}) as (process,):
        found = turns([(process, one) for one in process.fired], rounds)
    for one in process.fired:
        kind, way = one.split(" ", 1)
        if way == "by hand":
            continue
        mine, hand = ("leadflow", one), ("leadflow", f"{'row' if kind == 'nested' else kind} by hand")
        used, other = (statistics.median(each[name] for each in found) for name in (mine, hand))
        ratios = spread([each[mine] / each[hand] for each in found])
        print(f"| {many:,} | {kinds[kind]} | `model.{way}` | {used:.2f} µs | {other:.2f} µs | {ratios} |", flush=True)


def against_peers(many: int, rounds: int, packages: dict[str, Path]) -> None:
    ours = {"lead": "lead scorer", "row": "row scorer", "used": "row scorer"}
    with running(["leadflow", *packages], many, packages) as processes:
        asked = [(processes[0], one) for one in sorted(set(ours.values()))]
        found = turns([*asked, *((one, form) for one in processes[1:] for form in one.fired)], rounds)

    def cell(name: str, given: str, form: str) -> str:
        each = [one.get((name, f"{given}: {form}")) for one in found]
        used = [(one, other["leadflow", ours[given]]) for one, other in zip(each, found, strict=True) if one]
        if not used:
            return "–"
        return f"{statistics.median(one for one, _ in used):.3g} µs, {spread([one / mine for one, mine in used])}"

    for process in processes[1:]:
        forms = {one.partition(": ")[2]: fired for one, fired in process.fired.items()}
        for form, fired in forms.items():
            cells = [cell(process.name, given, form) for given in ours]
            print(f"| {process.name}, {form} | {'yes' if fired else 'no'} | {' | '.join(cells)} |", flush=True)


def engaged(daily: bool) -> list[Any]:
    out = []
    for rule in RULES["engagement"]:
        parts = rule["when"][1:] if rule["when"][0] == "and" else [rule["when"]]
        where = [batch.condition(part, activity) for part in parts if part[1] != "kind"]
        out.append(
            on(
                next(part[2] for part in parts if part[1] == "kind"), rule["points"], name=rule["name"],
                where=all_of(*where) if where else None, cap=rule["cap"], decay=half_life(rule["half_life_days"]),
                limit=(rule["limit_per_day"], "day") if daily else None,
            )
        )  # fmt: skip
    return out


def activities(dice: random.Random, lead: int, many: int) -> list[Activity]:
    """In the proportions of the batch benchmark."""
    shares = [0.28, 0.08, 0.42, 0.03, 0.01, 0.005, 0.005, 0.02, 0.01, 0.03, 0.03, 0.08]
    out = []
    for number in range(many):
        at = NOW - timedelta(days=min(dice.expovariate(1 / 90), 720))
        (page,) = dice.choices("home pricing docs blog careers product".split(), [0.35, 0.08, 0.2, 0.25, 0.05, 0.07])
        (kind,) = dice.choices(batch.KINDS, shares)
        out.append(
            Activity(
                id=f"{lead}-{number}", lead_id=str(lead), kind=kind, happened_at=at, recorded_at=at,
                properties={"page": page, "value": dice.random() * 60},
            )
        )  # fmt: skip
    return out


def whole(rounds: int) -> None:
    """What a score costs with activities, and what the first one costs."""
    dice, leads = random.Random(1), [lead_of(row) for row in rows(300)]
    for many in (0, 20, 200):
        told = [activities(dice, number, many) for number in range(len(leads))]
        for daily in (False, True):
            scorer, used = model(by_path, engaged(daily)).bind(Lead[Fields]), []
            for _ in range(rounds):
                begun = time.process_time()
                for lead, of_lead in zip(leads, told, strict=True):
                    scorer.score(lead, of_lead, NOW)
                used.append((time.process_time() - begun) / len(leads) * 1e6)
            limits = "with daily limits" if daily else "half-lives and caps"
            print(f"| {many} activities | 10 engagement rules, {limits} | {statistics.median(used):.3g} µs |")
    written, first = model(by_path, engaged(True)).model_dump_json(), list[tuple[float, float]]()
    for _ in range(rounds * 3):
        begun = time.process_time()
        scoring = ScoringModel.model_validate_json(written)
        read = time.process_time()
        scoring.score(leads[0], (), NOW)
        first.append((read - begun, time.process_time() - read))
    print(f"| the model from JSON | 30 rules | {statistics.median(one[0] for one in first) * 1e3:.3g} ms |")
    print(f"| its first score | the function is made | {statistics.median(one[1] for one in first) * 1e3:.3g} ms |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and leads")
    parser.add_argument("--without-peers", action="store_true", help="install nothing")
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve[0], int(given.serve[1]), Path(given.serve[2]))
        return
    rounds, sizes = (3, (1, 100)) if given.quick else (11, (1, 100, 1_000))
    print("\n### One lead, twenty rules, with reasons: against a function written by hand\n")
    print("| leads in turn | given | asked | leadflow | by hand | ratio |\n|---|---|---|---|---|---|")
    for many in sizes:
        against_hand(many, rounds)
    if not given.without_peers:
        with tempfile.TemporaryDirectory() as folder:
            packages = installed(Path(folder))
            print("\n### Against other rule engines, 100 leads in turn: how many times `scorer.fit`\n")
            print("| engine | tells which rules | `Lead` | dictionary of 25 fields | of the 16 asked for |")
            print("|---|---|---|---|---|")
            against_peers(100, max(rounds // 2, 3), packages)
    print("\n### A whole score, CPU per lead\n\n| told | asked | leadflow |\n|---|---|---|")
    whole(rounds)


if __name__ == "__main__":
    main()
