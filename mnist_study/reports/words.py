"""What the reports claim in words: each statement decided by records or by arithmetic on them, or said to be undecidable.

``results/reported_words.csv`` holds what was typed from the reports: key, report, place, statement, how it was checked, and
the experiments whose records it takes. Verdict and reason are computed here, from the entry or function of each key.
"""

from itertools import pairwise, product

import numpy as np
import pandas as pd

from .. import evaluation
from ..data.datasets import MISLABELLED_TEST_IMAGES
from ..records import (
    Record,
    Records,
    claimed,
    claimed_share,
    claims,
    fastest,
    keeper,
    listed,
    of_cases,
    percent,
    published_usps,
    span,
    typed,
    values,
)
from .asher.experiments import BEST, SEARCHED, trial_name
from .inf283.experiments import GRID, GRID_SETTINGS, OUTSIDE, grid_name
from .sharpies.experiments import LADDER
from .sharpies.figures import CLASSICAL, NETWORKS
from .usps.figures import swept
from .verdicts import ACCURACY

HOLDS, FAILS, UNDECIDABLE = "holds", "does not hold", "undecidable"
UNDECIDED = {
    "sharpies-positional": "Accuracies do not tell why one network is better than another.",
    "nust-250-writers": "MNIST's files hold no writers, so nothing here can count them.",
    "asher-overlapping-strokes": "No image is labelled by whether its strokes overlap those of another digit.",
    "usps-five-hidden-layers": "Its text names a convolution, a pooling, a flatten and dense layers, and not which five.",
    "usps-better-than-mnist-model": "An error of a digit is compared with a loss in performance under blur on other data.",
}  # key -> why no record decides

NN, CNN, FOREST, ONE_HOT = "inf283/nn", "inf283/cnn", "inf283/random-forest", "inf283/random-forest-onehot"
XGBOOST, XGBOOST_GRID, PRINTED = "inf283/xgboost", "inf283/xgboost-report", grid_name(OUTSIDE)
MLPS, CNNS, MODELS = NETWORKS[:2], NETWORKS[2:], (*CLASSICAL, *NETWORKS)
AHEAD = {
    "asher-cnn-best": ("accuracy", ("asher/cnn",), ("asher/svm", "asher/knn", "asher/random-forest")),
    "inf283-needs-one-hot": ("accuracy", (ONE_HOT,), (FOREST,)),
    "inf283-classical-inferior": ("accuracy", (CNN, NN), (FOREST, XGBOOST)),
    "inf283-cnn-best": ("val_accuracy", (CNN,), (ONE_HOT, FOREST, XGBOOST_GRID, XGBOOST, NN)),
    "sharpies-optimised": ("accuracy", ("sharpies/svm",), ("sharpies/svm-unscaled",)),
    "sharpies-deepest-best": ("accuracy", CNNS[-1:], (*MLPS, *CNNS[:-1])),
    "sharpies-mlps-behind": ("accuracy", CNNS, MLPS),
}  # key -> metric, and the experiments each of which must be ahead of each of the others, by the mean over seeds
CHECKS = {}  # key -> a function from the records to (whether the statement holds or None, why)
_check = keeper(CHECKS)


def words(records: Records) -> pd.DataFrame:
    """Every statement of the reports in words, with its verdict.

    Args:
        records: of all experiments.

    Returns:
        One row a statement, text: report, place, statement, checked (how), verdict (``HOLDS``, ``FAILS`` or
        ``UNDECIDABLE``), why, records (experiments, separated by spaces).

    Raises:
        KeyError: if nothing decides a statement of ``results/reported_words.csv``.
    """
    table = typed("reported_words")
    table["verdict"], table["why"] = zip(*[judged(key, records) for key in table.key], strict=True)
    return table[["report", "place", "statement", "checked", "verdict", "why", "records"]]


def judged(key: str, records: Records) -> tuple[str, str]:
    """Verdict and reason of one statement, by its key in ``results/reported_words.csv``."""
    if key in UNDECIDED:
        return UNDECIDABLE, UNDECIDED[key]
    if key in AHEAD:
        metric, first, others = AHEAD[key]
        read = [[_mean(records, name, metric) for name in names] for names in (first, others)]
        why = "; ".join(f"{records.title(name)}: {_percent(records, name, metric)}" for name in (*first, *others))
        return (HOLDS if min(read[0]) > max(read[1]) else FAILS), why + "."
    if key not in CHECKS:
        raise KeyError(
            f"Nothing decides the statement {key!r}: add it to AHEAD or CHECKS, or say in UNDECIDED why not."
        )
    holds, why = CHECKS[key](records)
    return (UNDECIDABLE if holds is None else HOLDS if holds else FAILS), why


# --- numbers of records ------------------------------------------------------------------------------------------


def _mean(records: Records, name: str, metric: str = "accuracy") -> float:
    return float(np.mean(values(records, name, metric)))


def _percent(records: Records, name: str, metric: str = "accuracy") -> str:
    return percent(values(records, name, metric))


def _confusion(records: Records, name: str) -> np.ndarray:
    """Counts over all seeds, int (10, 10): row = true digit, column = predicted digit."""
    return sum(evaluation.confusion(run.arrays["y_true"], run.arrays["y_pred"]) for run in records.all(name))


def _digit_errors(records: Records, name: str) -> np.ndarray:
    """Per cent of each digit's images, over all seeds."""
    table = _confusion(records, name)
    return 100 * (1 - np.diag(table) / table.sum(axis=1))


def _last(records: Records, name: str, quantity: str) -> float:
    """After the last epoch, the mean over the seeds."""
    return float(np.mean([run.history[quantity][-1] for run in records.all(name)]))


def _fragility(records: Records, name: str) -> np.ndarray:
    """Accuracy under each change alone, float (changes, strengths), mean over seeds."""
    return np.mean([run.arrays["accuracy"] for run in records.all(f"nust/fragility/{name}")], axis=0)


def _photos(records: Records, names, step: str) -> tuple[list[int], int]:
    """Photos read right at a step of their preparation, one number for each seed of each model; and how many there are."""
    runs = [run for name in names for run in records.all(name.replace("sharpies/", "sharpies/photos/"))]
    n = runs[0].metrics[f"n_{step}"]
    return [n - run.metrics[f"misses_{step}"] for run in runs], n


# --- nust --------------------------------------------------------------------------------------------------------


@_check("nust-invariance", -1)
@_check("nust-fragile", 0)
def _lenet_changed(records, strength):
    steps = records.one("nust/fragility/lenet").settings["strengths"]
    plain, changed = _mean(records, "nust/fragility/lenet", "accuracy_plain"), _fragility(records, "lenet")[:, strength]
    units = {
        kind: f"{values[strength]:g}°" if kind == "rotation" else percent(values[strength], 0)
        for kind, values in steps.items()
    }
    each = listed(f"{percent(right, 1)} ({kind} ±{units[kind]})" for kind, right in zip(steps, changed, strict=True))
    steady = changed.min() > plain - 0.05
    why = f"Trained on clean digits, LeNet reads {percent(plain, 1)} of them; changed one way, {each}."
    return steady == (strength == -1), why


@_check("nust-slightly-modified")
def _slightly_modified(records):
    runs, stated = records.all("nust/calibration"), claimed_share("nust/lenet-modified")
    strengths, accuracy = runs[0].settings["diagonal"], np.mean([run.arrays["diagonal"] for run in runs], axis=0)
    weak, needed = strengths.index(0.1), int(np.argmin(np.abs(accuracy - stated)))
    bounds = [f"±{100 * strength:g}° and ±{100 * strength:g} %" for strength in strengths]
    why = f"It reads {percent(accuracy[weak], 1)} at {bounds[weak]}; {percent(stated)} takes more: "
    return accuracy[weak] < 2 * stated, why + f"{percent(accuracy[needed], 1)} at {bounds[needed]}."


@_check("nust-overfits-after-14")
def _overfits_after_14(records):
    names = ("nust/lenet", *(f"nust/choices/{choice}" for choice in ("batch-64", "batch-512", "small")))
    best = [epoch for name in names for epoch in values(records, name, "best_epoch")]
    return min(best) >= 14, f"The validation loss is lowest after epoch {listed(best)}, and rises from there."


@_check("nust-99-percent")
def _99_percent(records):
    return round(_mean(records, "nust/lenet"), 2) == 0.99, f"Ours reads {_percent(records, 'nust/lenet')}."


@_check("nust-93-47")
def _93_47(records):
    text, figure, table = (claimed("nust/lenet-augmented", f"accuracy{part}") for part in ("_text", "", "_printed"))
    why = f"Figure 6 says {figure}, and its table prints {table}, where {text} would print as {float(text):.2f}."
    return float(text) == float(figure), why


@_check("nust-augmented")
def _augmented(records):
    name, plain = "nust/lenet-augmented", _percent(records, "nust/lenet-modified")
    clean, before = _percent(records, name, "accuracy_clean"), _percent(records, "nust/lenet")
    why = f"It reads {_percent(records, name)} of the modified images instead of {plain}, and {clean} of the clean ones instead of "
    return _mean(records, name) > 0.9, why + f"{before}."


@_check("nust-sparse")
def _sparse(records):
    metrics, mlp = records.one("nust/lenet").metrics, records.one(MLPS[1]).metrics["parameters"]
    share = max(layer["parameters"] for layer in metrics["layers"]) / metrics["parameters"]
    why = f"{percent(share, 1)} of its {metrics['parameters']:,} weights are one dense layer; "
    return share < 0.5 and metrics["parameters"] < mlp, why + f"an MLP has {mlp:,} in all."


@_check("nust-feature-maps")
def _feature_maps(records):
    first = records.one("nust/lenet").metrics["layers"][:5]
    layers = {layer["layer"]: "x".join(map(str, layer["shape"])) for layer in first}
    why = f"The first convolution gives {layers['Conv2D']}, the pooling after it {layers['MaxPooling2D']}."
    return layers["MaxPooling2D"] == "28x28x20", why


@_check("nust-binary-pixels")
def _binary_pixels(records):
    explored = records.one("sharpies/explore")
    levels = int((explored.arrays["grey_level_count"] > 0).sum())
    between = percent(explored.metrics["share_between"], 0)
    why = f"There are {levels} grey levels, and {between} of the pixels lie between the darkest and the lightest."
    return levels == 2, why


@_check("nust-mlp-unsuitable")
def _mlp_unsuitable(records):
    read = [100 * _mean(records, name) for name in MLPS]
    moved = [percent(_fragility(records, name)[1, 1], 1) for name in ("mlp-64-32", "lenet")]
    why = f"MLPs read {span(read, 2, ' %')} of MNIST's test images; of images moved by up to 10 % {moved[0]}, LeNet {moved[1]}."
    return min(read) < 90, why


@_check("nust-pooling-noise")
def _pooling_noise(records):
    runs = records.all("nust/pooling-noise")
    names = ("before", "after", "every_second")
    before, after, second = (np.mean([run.arrays[name] for run in runs], axis=0) for name in names)
    at = runs[0].settings["strengths"].index(0.3)
    each = listed(f"{100 * a:.0f} → {100 * b:.0f} %" for a, b in zip(before[:, at], after[:, at], strict=True))
    smaller = after < np.minimum(before, second)
    why = f"Against what clean images give, noise of ±0.3 is {each} at the two poolings of LeNet (one value in four: "
    why += f"{listed(f'{100 * value:.0f} %' for value in second[:, at])}); it is smaller after the pooling in {smaller.sum()} of "
    return bool(smaller.all()), why + f"{smaller.size} cases."


@_check("nust-real-life")
def _real_life(records):
    read = [
        [np.mean([run.metrics[f"accuracy_{step}"] for step in LADDER]) for run in records.all(f"nust/photos/{name}")]
        for name in ("cnn-augmented", "cnn")
    ]
    difference, chance = evaluation.difference_between(*read)
    why = f"Report asher's CNN reads {percent(read[0], 1)} of report sharpies' photos, all steps of their preparation together, without "
    why += f"augmentation {percent(read[1], 1)}; shuffled seeds lie so far apart in {of_cases(chance)}."
    return (difference > 0) if chance < 0.05 else None, why


# --- asher -------------------------------------------------------------------------------------------------------


@_check("asher-manual-features")
def _manual_features(records):
    svm, knn = (_percent(records, f"asher/{name}") for name in ("svm", "knn"))
    return False, f"Fed with plain pixels, the SVM reads {svm} and KNN {knn}."


@_check("asher-knn-slower")
def _knn_slower(records):
    seconds = {name: records.one(f"asher/{name}").seconds for name in ("knn", "svm", "cnn")}
    why = listed(f"{one['fit']:.0f} + {one['predict']:.1f} ({name.upper()})" for name, one in seconds.items())
    knn, *others = (sum(one.values()) for one in seconds.values())
    return knn > max(others), f"Seconds to fit and to read the test set: {why}."


@_check("asher-cnn-robust")
def _cnn_robust(records):
    classical = np.maximum(_fragility(records, "knn"), _fragility(records, "svm"))
    better = np.min([_fragility(records, name.split("/")[1]) for name in CNNS], axis=0) > classical
    kinds = list(records.one("nust/fragility/knn").settings["strengths"])
    behind = listed(kind for kind, row in zip(kinds, better, strict=True) if not row.all())
    why = f"The worst of report sharpies' CNNs is ahead of both KNN and SVM under {better.sum()} of {better.size} changes; "
    return better.mean() > 0.75, why + f"the {(~better).sum()} others are of {behind}."


@_check("asher-forest-less-robust")
def _forest_less_robust(records):
    names = ("random-forest", "knn", "svm", "cnn-32f")
    titles = ("forest", "KNN", "SVM", "CNN of report sharpies")
    mean = [100 * _fragility(records, name).mean() for name in names]
    each = listed(f"{value:.1f} % ({title})" for value, title in zip(mean, titles, strict=True))
    return mean[0] < min(mean[1:]), f"Over all changes and strengths, each alone, {each} of the images are read."


@_check("asher-augmentation", "asher/cnn-augmented", "asher/cnn")
@_check("asher-tuning-helps", "asher/cnn-tuned", "asher/cnn")
@_check("usps-leaky-relu", "usps/cnn7", "usps/choices/relu")
@_check("usps-dropout", "usps/cnn7", "usps/choices/no-dropout")
def _against_plain(records, name, without):
    ours, plain = values(records, name), values(records, without)
    difference, chance = evaluation.difference_between(ours, plain)
    why = f"{percent(ours)} of the test images, without it {percent(plain)}: {difference:+.2f} points; shuffled seeds lie so far "
    return (difference > 0) if chance < 0.05 else None, why + f"apart in {of_cases(chance)}."


def _trials(records, **fixed) -> list[Record]:
    """The search's trials with these values, their first seeds."""
    settings = [dict(zip(SEARCHED, setting, strict=True)) for setting in product(*SEARCHED.values())]
    return [records.one(trial_name(**setting)) for setting in settings if fixed.items() <= setting.items()]


@_check("asher-filters-cost")
def _filters_cost(records):
    counts = SEARCHED["filters"]
    runs = [_trials(records, filters=count) for count in counts]
    cost = [np.mean([run.fitting_seconds for run in trials]) for trials in runs]
    score = [100 * np.mean([run.metrics["accuracy"] for run in trials]) for trials in runs]
    why = f"With {listed(counts)} filters the trials read {listed(f'{value:.2f}' for value in score)} % of the validation images "
    rising = sorted(score) == score and sorted(cost) == cost
    return rising, why + f"in {listed(f'{value:.0f}' for value in cost)} seconds."


@_check("asher-few-units", "accuracy")
@_check("asher-moderate-units", "val_accuracy")
def _units(records, quantity):
    runs = [_trials(records, units=count, learning_rate=BEST[2]) for count in SEARCHED["units"]]
    score = [100 * np.mean([max(run.history[quantity]) for run in trials]) for trials in runs]
    part = "training" if quantity == "accuracy" else "validation"
    why = f"With {listed(SEARCHED['units'])} units, at a rate of {BEST[2]:g}, they read "
    why += f"{listed(f'{value:.2f}' for value in score)} % of the {part} images."
    return sorted(score) == score if part == "training" else max(score) == score[1], why


@_check("asher-high-rates", 1e-2)
@_check("asher-low-rates", 1e-4)
@_check("asher-best-rate", 1e-3)
def _rates(records, rate):
    runs = {one: _trials(records, learning_rate=one) for one in SEARCHED["learning_rate"]}
    steps = np.array([np.diff(run.history["val_accuracy"]) for run in runs[rate]])
    falling, rising = int((steps[:, -1] < 0).sum()), int((steps > 0).all(axis=1).sum())
    scores = {one: np.array([run.metrics["accuracy"] for run in trials]) for one, trials in runs.items()}
    won = int((scores[rate] == np.max(list(scores.values()), axis=0)).sum())
    why = f"At {rate:g} the last epoch lowers the validation accuracy of {falling} of {len(steps)} networks, {rising} gain in "
    why += f"every epoch, and it is the best rate for {won}."
    return {1e-2: falling, 1e-4: rising, 1e-3: won}[rate] > len(steps) / 2, why


@_check("asher-4-9", "asher/cnn-tuned", 4, 9)
@_check("asher-3-8", "asher/cnn-tuned", 3, 8)
@_check("inf283-6-7", PRINTED, 6, 7)
@_check("inf283-5-8", PRINTED, 5, 8)
@_check("inf283-2-7", PRINTED, 2, 7)
def _confused(records, name, first, second):
    table = _confusion(records, name)
    pairs = {(a, b): int(table[a, b] + table[b, a]) for a in range(10) for b in range(a + 1, 10)}
    place, most = 1 + sum(count > pairs[first, second] for count in pairs.values()), max(pairs, key=pairs.get)
    why = f"{len(records.all(name))} seeds take {first} and {second} for each other {pairs[first, second]} times, number {place} "
    return place <= 5, why + f"of {len(pairs)} pairs; most often {most[0]} and {most[1]} ({pairs[most]})."


@_check("asher-high-everywhere")
def _high_everywhere(records):
    runs = records.all("asher/cnn-tuned")
    tables = [evaluation.classification_table(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
    lowest = float(np.mean(tables, axis=0)[:10, :3].min())
    why = f"The lowest precision, recall or F1 of a digit is {lowest:.3f}, the mean over {len(runs)} seeds."
    return lowest > 0.97, why


@_check("asher-no-overfitting", "asher/cnn-tuned", False)
@_check("inf283-cnn-overfits", CNN, True)
@_check("inf283-nn-underfits", NN, False)
@_check("inf283-best-underfits", PRINTED, False)
def _overfits(records, name, overfits):
    runs = records.all(name)
    risen = sum(run.history["val_loss"][-1] > min(run.history["val_loss"]) for run in runs)
    parts = ("accuracy", "val_accuracy", "loss", "val_loss")
    training, validation, loss, val_loss = (_last(records, name, part) for part in parts)
    why = f"After the last epoch {percent(training)} of the training and {percent(validation)} of the validation images, losses "
    why += f"{loss:.3f} and {val_loss:.3f}; with {risen} of {len(runs)} seeds the validation loss was lower before."
    return (val_loss > 1.5 * loss) == overfits, why


@_check("asher-99-is-robust")
def _99_is_robust(records):
    clean, modified = _percent(records, "nust/lenet"), _percent(records, "nust/lenet-modified")
    why = f"A test accuracy does not show robustness: report nust's LeNet reads {clean} clean and {modified} modified."
    return False, why


@_check("asher-traditional-styles")
def _traditional_styles(records):
    (classical, n), (networks, _) = (_photos(records, names, LADDER[-1]) for names in (CLASSICAL, CNNS))
    why = f"Of {n} photos of other writers, prepared as MNIST was, KNN and SVM read {span(classical)}, CNNs {span(networks)}."
    return min(networks) > max(classical) + 3, why


# --- usps --------------------------------------------------------------------------------------------------------


def _printed_errors() -> list[float]:
    return [100 * float(claimed("usps/cnn7", "error", str(digit))) for digit in range(10)]


@_check("usps-best-class", 1, np.argmin)
@_check("usps-worst-class", 5, np.argmax)
def _extreme_class(records, digit, extreme):
    printed, ours = _printed_errors(), _digit_errors(records, "usps/cnn7")
    table, run = int(extreme(printed)), int(extreme(ours))
    why = f"In its own table it is {table} ({printed[table]:.1f} %), over our seeds {run} ({ours[run]:.1f} %), where {digit} has "
    return table == run == digit, why + f"{ours[digit]:.1f} %."


@_check("usps-error-range")
def _error_range(records):
    printed = _printed_errors()
    return max(printed) == 5.0, f"Its own table goes from {min(printed):.1f} to {max(printed):.1f} %."


@_check("usps-58-are-2-89")
def _58_are_2_89(records):
    misses, n = int(claimed("usps/cnn7", "misses")), records.one("usps/explore").metrics["n_test"]
    same = round(1 - misses / n, 4) == claimed_share("usps/cnn7")
    return same, f"{misses} of {n:,} are {100 * misses / n:.2f} %: one claim."


@_check("usps-table-of-the-58")
def _table_of_the_58(records):
    total = float(np.dot(_printed_errors(), records.one("usps/explore").arrays["count_test"]) / 100)
    why = f"The errors of the ten digits, times their numbers of test images, make {total:.0f} misses."
    return round(total) == int(claimed("usps/cnn7", "misses")), why


@_check("usps-58-by-its-network")
def _58_by_its_network(records):
    stated, table = int(claimed("usps/cnn7", "misses")), swept(records)
    reached = int((table.misses_test <= stated).sum())
    chosen, best = table.misses_test[table.misses.idxmin()], table.misses_test.min()
    why = f"Of {len(table)} settings tried for what it leaves open, {reached} miss {stated} or fewer; the one that three folds choose "
    why += f"misses {chosen}, the one that the test images would choose {best}. Its own misses are one run's."
    refuted = len(table) >= 20 and reached / len(table) < 0.05
    return True if chosen <= stated else False if refuted else None, why


@_check("usps-almost-98")
def _almost_98(records):
    stated = 100 * claimed_share("usps/cnn7")
    why = f"Its own {stated:.2f} % is nearer to 97 %, and ours reads {_percent(records, 'usps/cnn7')}."
    return round(stated) == 98, why


@_check("usps-human-level")
def _human_level(records):
    people = published_usps().query("kind == 'people'").error
    best, own = 100 * (1 - _mean(records, "usps/best")), 100 * (1 - claimed_share("usps/cnn7"))
    why = f"People misread {span(people, 2)} % of these test images, our best single network {best:.2f} %; the report's own, "
    return best < people.min(), why + f"at {own:.2f} %, does not get there."


@_check("usps-0-is-white")
def _0_is_white(records):
    low, high = (records.one("usps/explore").metrics[name] for name in ("smallest", "largest"))
    return low == 0, f"The grey values lie in [{low:g}, {high:g}]."


@_check("usps-nulls")
def _nulls(records):
    nulls = records.one("usps/explore").metrics["nulls"]
    return nulls == 0, f"Missing values in the two files: {nulls}."


@_check("usps-test-difficult")
def _test_difficult(records):
    folds, best = (100 * (1 - _mean(records, f"usps/{name}")) for name in ("folds/light", "best"))
    why = f"One network misreads {folds:.2f} % of the training images, left out in turn, and {best:.2f} % of the test images."
    return best > 2 * folds, why


# --- inf283 ------------------------------------------------------------------------------------------------------


@_check("inf283-88-to-99")
def _88_to_99(records):
    reached = [100 * _mean(records, name, "val_accuracy") for name in (ONE_HOT, XGBOOST_GRID, NN, CNN)]
    holds = (round(min(reached)), round(max(reached))) == (88, 99)
    return holds, f"Ours read {span(reached, 1, ' %')} of the validation images."


@_check("inf283-faulty-labels")
def _faulty_labels(records):
    count = len(MISLABELLED_TEST_IMAGES)
    return count > 0, f"Human reviewers call {count} labels of MNIST's test images wrong."


@_check("inf283-one-hot-time")
def _one_hot_time(records):
    plain, one_hot = (fastest(records.all(name)) for name in (FOREST, ONE_HOT))
    return one_hot > 1.1 * plain, f"{one_hot:.1f} seconds to fit, {plain:.1f} with plain labels."


@_check("inf283-forest-validates")
def _forest_validates(records):
    from sklearn.ensemble import RandomForestClassifier

    default = RandomForestClassifier().oob_score
    return default, f"scikit-learn's forest sets nothing apart; even its out-of-bag score is off (oob_score={default})."


@_check("inf283-scored-on-validation")
def _scored_on_validation(records):
    name, metrics = "inf283/random-forest-onehot-56000", records.one(NN).metrics
    validation, test = (claimed_share(name) * metrics[size] for size in ("val_n", "n"))
    why = f"{claimed_share(name):.7f} is {validation:,.1f} of {metrics['val_n']:,} validation images, but "
    return abs(validation - round(validation)) < 1e-6, why + f"{test:,.0f} of {metrics['n']:,} test images."


@_check("inf283-networks-beat-forest")
def _networks_beat_forest(records):
    one_hot = claimed_share(ONE_HOT, "val_accuracy")
    stated = [100 * (claimed_share(name, "val_accuracy") - one_hot) for name in (NN, CNN)]
    ours = [100 * (_mean(records, name) - _mean(records, FOREST)) for name in (NN, CNN)]
    why = f"It prints {span(stated, 1)} points, over a forest with one-hot labels. With plain labels the forest wins over the "
    why += f"dense network, {_percent(records, FOREST)} against {_percent(records, NN)}, and the CNN is {ours[1]:.1f} points ahead."
    return min(ours) > 6, why


@_check("inf283-small-increase-in-time", ONE_HOT, NN, CNN)
@_check("inf283-cnn-faster", NN, CNN)
def _slower(records, first, *others):
    printed, fitted = (lambda name: claimed_share(name, "seconds")), (lambda name: fastest(records.all(name)))
    stated, ours = ([f"{time(name) / time(first):.1f}" for name in others] for time in (printed, fitted))
    why = f"{' and '.join(records.title(name) for name in others)}: {listed(stated)} times the seconds of the "
    why += f"{records.title(first)} by the report's own numbers, {listed(ours)} by ours."
    return max(map(float, stated)) < (1 if first == NN else 2), why


@_check("inf283-xgboost-too-slow")
@_check("inf283-xgboost-falls-short")
def _xgboost(records):
    fits = records.one(XGBOOST_GRID).arrays["grid_score"].size
    why = f"Its search is {fits} fits, {fastest(records.all(XGBOOST_GRID)) / 60:.0f} minutes here for {_percent(records, XGBOOST_GRID)}; "
    why += f"one run with histograms takes {fastest(records.all(XGBOOST)) / 60:.1f} minutes and reads {_percent(records, XGBOOST)}, "
    return False, why + f"the dense network {_percent(records, NN)}."


def _by_setting(records, number, **fixed) -> np.ndarray:
    """``number(name)`` of every setting of the grid with these values, in the order of the grid."""
    return np.array([number(grid_name(setting)) for setting in GRID_SETTINGS if fixed.items() <= setting.items()])


@_check("inf283-dropout-combats")
def _dropout_combats(records):
    def ahead(name):
        return _last(records, name, "accuracy") - _last(records, name, "val_accuracy")

    more, less = (_by_setting(records, ahead, dropout=dropout) for dropout in GRID["dropout"])
    why = f"With a dropout of {GRID['dropout'][0]} training is ahead of validation by less than with {GRID['dropout'][1]} in "
    return bool((more < less).all()), why + f"{(more < less).sum()} of {len(more)} pairs of settings."


@_check("inf283-more-epochs")
def _more_epochs(records):
    gain = np.subtract(*(
        _by_setting(records, lambda name: 100 * _mean(records, name, "val_accuracy"), epochs=epochs)
        for epochs in reversed(GRID["epochs"])
    ))  # fmt: skip
    why = f"{GRID['epochs'][1]} epochs instead of {GRID['epochs'][0]} gain {span(gain, 2)} points on validation images, in "
    return bool((gain > 0).all()), why + f"{(gain > 0).sum()} of {len(gain)} pairs of settings."


@_check("inf283-optimal-setting")
def _optimal_setting(records):
    printed = _mean(records, PRINTED, "val_accuracy")
    better = int((_by_setting(records, lambda name: _mean(records, name, "val_accuracy")) > printed).sum())
    why = f"Its dropout of {OUTSIDE['dropout']} is not in the printed grid ({listed(GRID['dropout'])}), and {better} settings of "
    why += f"the grid read more of the validation images than {percent(printed)}."
    return OUTSIDE["dropout"] in GRID["dropout"], why


@_check("inf283-test-unseen")
def _test_unseen(records):
    why = "Its loop scores every setting on the test part and keeps the best, so the part that grades has also chosen."
    return False, why


@_check("inf283-deployed")
def _deployed(records):
    n = records.one(PRINTED).metrics["n"]
    chosen, deployed = (claimed_share(PRINTED, f"accuracy{part}") * n for part in ("", "_deployed"))
    why = f"One model has one accuracy on one set: {chosen:,.0f} of {n:,} when it was chosen and {deployed:,.0f} when deployed "
    return chosen == deployed, why + f"are two trainings. Ours reads {_percent(records, PRINTED)}."


@_check("inf283-9-worst")
def _9_worst(records):
    errors = _digit_errors(records, PRINTED)
    why = f"{errors.argmax()} is misread most often, {errors.max():.1f} % ({errors.mean():.1f} % of all digits)."
    return errors.argmax() == 9, why


@_check("inf283-read-as-9")
def _read_as_9(records):
    read = _confusion(records, PRINTED)[:9, 9]
    times = listed(f"{digit} ({read[digit]})" for digit in np.argsort(-read, kind="stable"))
    return set(np.argsort(-read)[:4].tolist()) == {0, 4, 5, 7}, f"What our seeds take for a 9, and how often: {times}."


@_check("inf283-more-hyperparameters")
def _more_hyperparameters(records):
    before = values(records, PRINTED)
    parts, better = [], []
    for name in ("dropout-0.2", "rate-0.003", "two-convolutions"):
        difference, chance = evaluation.difference_between(values(records, f"inf283/later/{name}"), before)
        better.append(difference > 0 and chance < 0.05)
        title = records.title(f"inf283/later/{name}")
        parts.append(f"{title} {difference:+.2f} points ({percent(chance, 0)} by chance)")
    return any(better), f"Against the printed setting, each changed alone: {'; '.join(parts)}."


@_check("inf283-normalising-time")
def _normalising_time(records):
    run = records.one("inf283/pixel-scale")
    divided, raw = (run.arrays[name] for name in ("divided", "raw"))
    why = f"A fit takes {np.median(divided):.1f} seconds of the processor on divided pixels, {np.median(raw):.1f} on raw ones "
    why += f"({len(raw)} fits each); {percent(run.metrics['same_answers'])} of the test images get the same answer."
    return bool(np.median(divided) < 0.95 * np.median(raw) and divided.max() < raw.min()), why


# --- sharpies ----------------------------------------------------------------------------------------------------


@_check("sharpies-umap-clusters")
def _umap_clusters(records):
    shares = [_percent(records, f"sharpies/umap-{name}") for name in ("2d", "2d-test")]
    why = f"The nearest points have mostly the image's own digit for {shares[0]} of all images, {shares[1]} of the test images."
    return _mean(records, "sharpies/umap-2d") > 0.9, why


@_check("sharpies-umap-3d")
def _umap_3d(records):
    flat, deep = (_mean(records, f"sharpies/umap-{name}", "trustworthiness") for name in ("2d-test", "3d"))
    why = f"The trustworthiness of the test images' neighbourhoods is {deep:.3f}, in two dimensions {flat:.3f}."
    return deep > flat, why


@_check("sharpies-svm-0-and-1")
def _svm_0_and_1(records):
    runs = [records.one(f"sharpies/{name}").arrays for name in ("svm", "knn")]
    svm, knn = (evaluation.classification_table(run["y_true"], run["y_pred"]) for run in runs)
    cells = product("01", ("recall", "f1-score"))
    both = [f"{metric} {svm.loc[d, metric]:.3f} and {knn.loc[d, metric]:.3f} for {d}" for d, metric in cells]
    return all(svm.loc[d, "f1-score"] > knn.loc[d, "f1-score"] for d in "01"), f"SVM and KNN: {listed(both)}."


@_check("sharpies-mlps-larger")
def _mlps_larger(records):
    sizes = [[records.one(name).metrics["parameters"] for name in names] for names in (MLPS, CNNS)]
    why = f"The MLPs have {span(sizes[0])} parameters, the largest CNN {max(sizes[1]):,}."
    return min(sizes[0]) > max(sizes[1]), why


@_check("sharpies-32f-kernels")
def _32f_kernels(records):
    kernels, last = [], []
    for run in map(records.one, CNNS):
        filters = [1, *run.settings["model"]["filters"]]
        kernels.append(sum((9 * before + 1) * after for before, after in pairwise(filters)))
        last.append(run.metrics["parameters"] - kernels[-1])
    why = f"Parameters of kernels and of the last layer: {listed(f'{a:,} + {b:,}' for a, b in zip(kernels, last, strict=True))}."
    return kernels[0] == min(kernels) and last[0] == max(last), why


@_check("sharpies-32f-lowest-loss")
def _32f_lowest_loss(records):
    losses = [values(records, name, "loss") for name in CNNS]
    why = f"The test losses of the three CNNs are {listed(f'{np.mean(loss):.4f}' for loss in losses)}."
    return max(losses[0]) < min(map(min, losses[1:])), why


@_check("sharpies-more-regularisation")
def _more_regularisation(records):
    gained = {}  # title -> (points, p)
    for name in ("mlp-64-16", "mlp-64-32", "cnn-32f"):
        ours, before = (values(records, f"sharpies/{place}{name}") for place in ("later/", ""))
        gained[records.title(f"sharpies/{name}")] = evaluation.difference_between(ours, before)
    each = listed(f"{difference:+.2f} ({title}; p = {chance:.2f})" for title, (difference, chance) in gained.items())
    why = f"Ten times the penalty changes the accuracy by {each} points. The two larger CNNs were not tried."
    if any(difference > 0 and chance < 0.05 for difference, chance in gained.values()):
        return True, why
    if max(difference for difference, _ in gained.values()) < 100 * ACCURACY.margin:
        return False, f"{why} No gain matters ({ACCURACY.margin_in_words})."
    return None, why


@_check("sharpies-all-fail-photos", "recipe", "By its recipe our")
@_check("sharpies-cannot-generalise", LADDER[-1], "Prepared as MNIST was, the same")
def _photos_failed(records, step, ours):
    right, n = _photos(records, MODELS, step)
    return max(right) <= 0.6 * n, f"{ours} models read {span(right)} of {n} photos."


@_check("sharpies-similar-pixels")
def _similar_pixels(records):
    photos = records.one("sharpies/photos/reader").arrays["image_recipe"].mean()
    mnist = 255 * records.one("sharpies/explore").metrics["pixel_mean"]
    return photos > 0.8 * mnist, f"Its images have a mean grey of {photos:.0f} of 255, MNIST's {mnist:.0f}."


@_check("sharpies-networks-better")
def _networks_better(records):
    (knn, n), (networks, _) = (_photos(records, names, "recipe") for names in (CLASSICAL[:1], NETWORKS))
    why = f"Compared as digits, KNN's answers are right for {span(knn)} of {n} photos, the networks' for {span(networks)}."
    return min(networks) > max(knn), why


@_check("sharpies-simplest-best")
def _simplest_best(records):
    right = [np.mean(_photos(records, [name], "recipe")[0]) for name in NETWORKS]
    n = records.one("sharpies/photos/mlp-64-16").metrics["n"]
    why = f"Of {n} photos our 64-16 MLPs read {right[0]:.1f}, the other networks {span(right[1:], 1)}."
    return right[0] == max(right), why


@_check("sharpies-ones-right")
def _ones_right(records):
    runs = records.all("sharpies/photos/mlp-64-16")
    ones = [run.arrays["y_pred_recipe"][run.arrays["y_true"][: run.metrics["n"]] == 1] == 1 for run in runs]
    why = f"{len(runs)} seeds read {span([one.sum() for one in ones])} of the {ones[0].size} photos of a 1."
    return bool(np.all(ones)), why


@_check("sharpies-one-false-positive")
def _one_false_positive(records):
    table = claims().query("experiment == 'sharpies/photos/mlp-64-16' and metric == 'misread_as' and claimed == '1'")
    digits = listed(int(label) % 10 for label in table.label)
    return len(table) == 1, f"Its own pictures show {len(table)} digits that are read as 1: {digits}."


@_check("sharpies-size-and-brush")
def _size_and_brush(records):
    mean = [float(np.mean([np.mean(_photos(records, [name], step)[0]) for name in MODELS])) for step in LADDER]
    read = listed(f"{right:.1f} ({step})" for step, right in zip(LADDER, mean, strict=True))
    why = f"Of {_photos(records, MODELS, LADDER[0])[1]} photos the models read {read}, each step added to the one before; "
    return mean == sorted(mean), why + "orientation was not tried alone."


@_check("sharpies-third-writer")
def _third_writer(records):
    runs = [run for name in MODELS for run in records.all(name.replace("sharpies/", "sharpies/photos/"))]
    left_out = [(run.arrays[f"y_pred_{LADDER[-1]}"] == run.arrays["y_true"])[run.metrics["n"] :] for run in runs]
    why = f"Prepared as MNIST was, our models read {span([right.sum() for right in left_out])} of the {left_out[0].size} photos "
    return max(right.mean() for right in left_out) < 0.6, why + "that were left out."


@_check("sharpies-accuracy-says-little")
def _accuracy_says_little(records):
    (right, n), score = _photos(records, MODELS, LADDER[0]), [100 * _mean(records, name) for name in MODELS]
    why = f"Models that read {span(score, 1, ' %')} of their test images read {span(right)} of {n} photos shrunk whole; it takes "
    return max(right) < 0.5 * n, why + "MNIST's preparation to carry the accuracy over."
