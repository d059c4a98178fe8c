"""What a search is worth: report asher."""

from ... import evaluation
from ...records import Records, claim, claimed, decimals, keeper_of_findings, of_cases, percent, values
from . import experiments, figures

FINDINGS = []
_finding = keeper_of_findings("asher", FINDINGS)


@_finding("The search's own score for its winner is too high", (*figures.TRIALS, "asher/cnn-tuned"), "08_optimism")
def search_is_optimistic(records: Records) -> str:
    searched, best_epoch, last_epoch, test = figures.winner_accuracies(records).values()
    reached = sum(value >= searched[0] for value in best_epoch)
    winner = records.one(experiments.trial_name(*experiments.BEST))
    epochs = len(winner.history["val_accuracy"])
    return (
        f"The best of {len(figures.TRIALS)} trials scores {percent(searched)} on validation images, by the best of its "
        f"{epochs} epochs; after its last, the very same run scores {percent(winner.metrics['val_accuracy'])}. With "
        f"{len(best_epoch)} fresh seeds, with which nothing was chosen, the same setting scores {percent(best_epoch)} by its best "
        f"epoch and {percent(last_epoch)} after its last, and {reached or 'none'} of the {len(best_epoch)} reaches the "
        "search's score. The largest of many draws is good partly by luck. On the test set the fresh seeds read "
        f"{percent(test)} (claimed {claim('asher/cnn-tuned')})."
    )


@_finding(
    "The tuned CNN can hardly be told from one that nobody tuned",
    ("asher/cnn", "asher/cnn-tuned", *figures.TRIALS),
    "08_effects",
)
def tuned_against_untuned(records: Records) -> str:
    plain, tuned = (values(records, f"asher/{name}") for name in ("cnn", "cnn-tuned"))
    difference, chance = evaluation.difference_between(tuned, plain)
    score = {
        setting: records.one(experiments.trial_name(*setting)).metrics["accuracy"] for setting in experiments.SEARCH
    }
    rate = experiments.BEST[2]
    networks = {setting[:2] for setting in score}
    won = sum(
        score[*network, rate] == max(score[*network, other] for other in experiments.SEARCHED["learning_rate"])
        for network in networks
    )
    printed = max(score[setting] for setting in experiments.PRINTED)
    above = sum(value > printed for setting, value in score.items() if setting[2] == rate)
    return (
        f"Tuned, it reads {percent(tuned)} of the test set; untuned, {percent(plain)}: {difference:+.2f} points, and shuffled "
        f"seeds lie at least as far apart in {of_cases(chance)}. Of what was searched, the learning rate decides: "
        f"{rate:g}, which the report prefers too, is the best of the three for {won} of {len(networks)} networks. Neither trial "
        f"that the report prints has that rate, and {above} of the {len(networks)} that have it score higher than both."
    )


def _knn_reason(records: Records) -> str:
    stated, ours = claimed("asher/knn", "accuracy"), records.one("asher/knn").metrics["accuracy"]
    places = decimals(stated)
    cut = f"{int(ours * 10**places) / 10**places:.{places}f}"
    same = "Cut off instead of rounded, ours prints as the report's; the" if cut == stated else "The"
    return f"{same} report states neither k nor scaling, and ours takes scikit-learn's default k."


REASONS = {
    ("asher/svm", "accuracy"): (
        "The report states neither kernel, scaling nor the number of training images; scikit-learn's defaults on plain "
        "pixels do better."
    ),
    ("asher/knn", "accuracy"): _knn_reason,
    ("asher/random-forest", "accuracy"): (
        "The report states neither the number of trees nor any other setting; ours has scikit-learn's defaults."
    ),
}  # why a claim is not reproduced, by experiment and metric: a text, or a function from the records to one
NOT_REPRODUCIBLE = {
    "SVM, KNN and random forest": "Accuracies without a single setting, split or source.",
    "architecture of the CNN": "Number and size of the convolutions, pooling and dropout are not stated.",
    "training": "Epochs, batch size and validation images are not stated.",
    "augmentation": "Rotation, shift and zoom are named without ranges, and not whether the search used them.",
    "search": "Two trials are printed; how many there were, and which won, is not.",
}  # what the report leaves out, and what follows
UNKNOWN = {
    (f"asher/{model}", "accuracy"): "SVM, KNN and random forest" for model in ("svm", "knn", "random-forest")
}  # claims that need what is left out
