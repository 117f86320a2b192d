"""How good learned points are: the same folds for points, counting, naive Bayes, logistic regression and boosted trees.

    python benchmarks/learning.py LEADS.csv --outcome Converted [--time COLUMN] [--exclude COLUMN …] [--seeds 3]

Columns that ``find_leaks`` names are left out for everybody. Needs scikit-learn. Without a time column: five
stratified folds per seed; with one: five splits by time. Medians over all folds, with the lowest and highest.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from leadflow.files.training_data import History, read_history
from leadflow.scoring.evaluation import Backtest, folds, measure
from leadflow.scoring.learning import find_leaks
from leadflow.scoring.learning.column_profile import ColumnValue, bin_of, edges_of, kind_of_column, tidy
from leadflow.scoring.learning.fitting import candidates, fitted, holding
from leadflow.scoring.learning.learning import ANY_TIME
from leadflow.scoring.naive_bayes import Frequency
from leadflow.scoring.platt_scaling import chance_of

Columns = dict[str, list[ColumnValue]]
Split = tuple[Sequence[int], Sequence[int]]
BINS = 15
Contender = Callable[[Columns, Sequence[bool], Split, int], list[float]]


def picked(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[place] for place in places]


def leads_of(columns: Columns) -> list[dict[str, ColumnValue]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def points(columns: Columns, won: Sequence[bool], split: Split, seed: int) -> list[float]:
    past, later = split
    rules = candidates({path: picked(values, past) for path, values in columns.items()})
    held = holding(rules, leads_of(columns), ANY_TIME)
    fit = fitted(held.of(past), picked(won, past), seed=seed)
    return [chance_of(total, fit.intercept, fit.slope) for total in held.of(later).totals(fit.points)]


def binned(columns: Columns, past: Sequence[int]) -> Columns:
    seen: Columns = {}
    for path, values in columns.items():
        known = picked(values, past)
        if kind_of_column(known) == "number":
            edges = edges_of([one for one in known if one is not None], BINS)
            seen[path] = [None if one is None else bin_of(float(one), edges) for one in values]  # type: ignore[arg-type]  # numbers
        else:
            seen[path] = values
    return seen


def counting(columns: Columns, won: Sequence[bool], split: Split, _seed: int) -> list[float]:
    past, later = split
    leads = leads_of(binned(columns, past))
    frequency = Frequency(columns)
    for place in past:
        frequency.learn(leads[place], "won" if won[place] else "lost")
    return [frequency.probability(leads[place]) or 0.5 for place in later]


def coded(columns: Columns, past: Sequence[int], *, bins: bool) -> tuple[Any, list[int]]:
    """A matrix of numbers; texts (and bins) as codes that the past knows, and the places of columns of codes."""
    import numpy as np

    table, codes = [], []
    for at, (path, values) in enumerate(columns.items()):
        if not bins and kind_of_column(picked(values, past)) == "number":
            table.append([np.nan if one is None else float(one) for one in values])  # type: ignore[arg-type]  # numbers
            continue
        source = binned({path: values}, past)[path] if bins else values
        code = {value: number for number, value in enumerate(dict.fromkeys(picked(source, past)), 1)}
        codes.append(at)
        table.append([code.get(value, 0) for value in source])
    return np.array(table).T, codes


def naive_bayes(columns: Columns, won: Sequence[bool], split: Split, _seed: int) -> list[float]:
    from sklearn.naive_bayes import CategoricalNB

    past, later = split
    matrix, _ = coded(columns, past, bins=True)
    sizes = matrix.max(axis=0).astype(int) + 1
    model = CategoricalNB(min_categories=sizes).fit(matrix[past].astype(int), picked(won, past))
    return [float(one) for one in model.predict_proba(matrix[later].astype(int))[:, 1]]


def boosted(columns: Columns, won: Sequence[bool], split: Split, seed: int, **settings: Any) -> list[float]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    past, later = split
    matrix, codes = coded(columns, past, bins=False)
    codes = [at for at in codes if matrix[:, at].max() < 255]
    model = HistGradientBoostingClassifier(categorical_features=codes, random_state=seed, **settings)
    model.fit(matrix[past], picked(won, past))
    return [float(one) for one in model.predict_proba(matrix[later])[:, 1]]


def boosted_carefully(columns: Columns, won: Sequence[bool], split: Split, seed: int) -> list[float]:
    """Smaller steps, smaller trees, stopped in time: better than the defaults on data of this size."""
    return boosted(columns, won, split, seed, learning_rate=0.05, max_leaf_nodes=15, early_stopping=True)


CONTENDERS: dict[str, Contender] = {
    "learned points": points,
    "Frequency (Odoo)": counting,
    "CategoricalNB": naive_bayes,
    "HistGradientBoosting": boosted,
    "the same, tuned": boosted_carefully,
}


def measured(history: History, columns: Columns, seeds: int) -> dict[str, list[Backtest]]:
    from threadpoolctl import threadpool_limits

    results: dict[str, list[Backtest]] = {name: [] for name in CONTENDERS}
    with threadpool_limits(1):
        for seed in range(seeds if history.times is None else 1):
            for split in folds(history.outcomes, history.times, seed=seed):
                for name, contender in CONTENDERS.items():
                    chances = contender(columns, history.outcomes, split, seed)
                    results[name].append(measure(chances, picked(history.outcomes, split[1])))
    return results


def middle(values: Sequence[float | None]) -> str:
    known = sorted(one for one in values if one is not None)
    return f"{statistics.median(known):.4f} ({known[0]:.3f}–{known[-1]:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--outcome", required=True)
    parser.add_argument("--won", action="append", default=[])
    parser.add_argument("--time")
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--keep", action="append", default=[])
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    history = read_history(given.file, outcome=given.outcome, won=given.won, time=given.time)
    leaks = [leak for leak in find_leaks(history.columns, history.outcomes, history.times)
             if history.names[leak.column] not in given.keep]  # fmt: skip
    for leak in leaks:
        print(f"left out: {history.names[leak.column]}: {leak.because}")
    gone = {leak.column for leak in leaks} | {history.path(column) for column in given.exclude}
    columns = {path: tidy(values) for path, values in history.columns.items() if path not in gone}
    columns = {path: values for path, values in columns.items() if kind_of_column(values) in ("number", "text")}
    started = time.process_time()
    results = measured(history, columns, given.seeds)
    parts = len(next(iter(results.values())))
    print(f"\n{len(history.outcomes):,} leads, {sum(history.outcomes):,} won, {len(columns)} columns, {parts} folds, "
          f"{time.process_time() - started:.0f} CPU s\n")  # fmt: skip
    print("| median (lowest–highest) | ROC-AUC | log loss | Brier | calibration error |\n|---|---|---|---|---|")
    for name, of in results.items():
        numbers = [
            [one.auc for one in of],
            [one.log_loss for one in of],
            [one.brier for one in of],
            [one.error for one in of],
        ]
        print(f"| {name} | {' | '.join(middle(column) for column in numbers)} |")


if __name__ == "__main__":
    main()
