"""What a search is worth: report asher."""

from . import evaluation, gallery_asher, rows_asher
from .experiments import Records
from .finding import claim, finding, percent, values


@finding(
    "search-is-optimistic",
    "asher",
    "The search's own score for its winner is too high",
    (*gallery_asher.SEARCH, "asher/cnn-tuned"),
    "08_optimism",
)
def search_is_optimistic(found: Records) -> str:
    searched, best_epoch, last_epoch, test = (row["accuracies"] for row in gallery_asher.optimism_rows(found))
    reached = sum(value >= searched[0] for value in best_epoch)
    winner = found.one(rows_asher.trial_name(*rows_asher.BEST))
    epochs = len(winner.history["val_accuracy"])
    return (
        f"The best of {len(gallery_asher.SEARCH)} trials scores {percent(searched)} on validation images, by the best of its "
        f"{epochs} epochs; after its last, the very same run scores {percent(winner.metrics['val_accuracy'])}. With "
        f"{len(best_epoch)} seeds that no choice was made with, the same setting scores {percent(best_epoch)} by its best "
        f"epoch and {percent(last_epoch)} after its last, and {reached or 'none'} of the {len(best_epoch)} reaches the "
        "search's score. The largest of many draws is good partly by luck. On the test set the fresh seeds read "
        f"{percent(test)} (claimed {claim('asher/cnn-tuned')})."
    )


@finding(
    "tuned-against-untuned",
    "asher",
    "The tuned CNN can hardly be told from one that nobody tuned",
    ("asher/cnn", "asher/cnn-tuned", *gallery_asher.SEARCH),
    "08_effects",
)
def tuned_against_untuned(found: Records) -> str:
    plain, tuned = (values(found, f"asher/{name}") for name in ("cnn", "cnn-tuned"))
    difference, chance = evaluation.difference_between(tuned, plain)
    score = {setting: found.one(rows_asher.trial_name(*setting)).metrics["accuracy"] for setting in rows_asher.SEARCH}
    rate = rows_asher.BEST[2]
    networks = {setting[:2] for setting in score}
    won = sum(
        score[*network, rate] == max(score[*network, other] for other in rows_asher.SEARCHED["learning_rate"])
        for network in networks
    )
    printed = max(score[setting] for setting in rows_asher.PRINTED)
    above = sum(value > printed for setting, value in score.items() if setting[2] == rate)
    return (
        f"Tuned, it reads {percent(tuned)} of the test set, untuned {percent(plain)}: {difference:+.2f} points, and shuffled "
        f"seeds lie at least as far apart in {100 * chance:.0f} % of cases. Of what was searched, the learning rate decides: "
        f"{rate:g}, which the report prefers too, is the best of the three for {won} of {len(networks)} networks. Neither trial "
        f"that the report prints has that rate, and {above} of the {len(networks)} that have it score higher than both."
    )


FINDINGS = (
    search_is_optimistic,
    tuned_against_untuned,
)
