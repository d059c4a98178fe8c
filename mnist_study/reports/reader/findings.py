"""What the reader can and cannot do."""

import numpy as np

from ...data.datasets import MISLABELLED_TEST_IMAGES
from ...records import Records, keeper_of_findings, percent, span, values

FINDINGS = []
_finding = keeper_of_findings("reader", FINDINGS)


@_finding(
    "A small CNN trained on MNIST's digits, and on what code draws, reads other people's and refuses most of what is none",
    ("reader/cnn", "reader/shipped", "usps/best"),
    "04_reader_sets",
)
def reader(records: Records) -> str:
    shipped, runs = records.one("reader/shipped"), records.all("reader/cnn")
    metrics = shipped.metrics
    wrong = np.flatnonzero(shipped.arrays["y_true"] != shipped.arrays["y_pred"])
    disputed = len(set(wrong.tolist()) & set(MISLABELLED_TEST_IMAGES))
    photos = [metrics["n_sharpies"] - run.metrics["misses_sharpies"] for run in runs]
    refused = {
        kind: percent(metrics[f"refused_{kind}"] / metrics[f"n_{kind}"], 1)
        for kind in ("scribbles", "letters", "lookalikes", "faces", "words", "any_words", "hands")
    }
    return (
        f"With {metrics['parameters']:,} parameters it reads {percent(values(records, 'reader/cnn'))} of MNIST's test images, "
        f"{percent(values(records, 'reader/cnn', 'accuracy_usps'))} of USPS's, which it was never trained on "
        f"({np.mean(values(records, 'reader/cnn', 'misses_usps')):.1f} misses, where our best network trained on USPS has "
        f"{np.mean(values(records, 'usps/best', 'misses')):.1f}), and "
        f"{span(photos)} of the report's {metrics['n_sharpies']} photos ({len(runs)} seeds). Of the {len(wrong)} test images that "
        f"the shipped network misreads, {disputed} are among the {len(MISLABELLED_TEST_IMAGES)} whose labels human reviewers "
        'dispute: 100 % would not be a sign of reading well. It says "not sure" to '
        f"{refused['scribbles']} of scribbles, {refused['faces']} of faces, {refused['words']} of printed words "
        f"({refused['any_words']} where some of their letters look like digits), {refused['hands']} "
        f"of hands and {refused['letters']} of printed letters, but to {refused['lookalikes']} of the letters that look like "
        "digits. It was trained with other kinds of drawings and with other fonts than these."
    )


REASONS, NOT_REPRODUCIBLE, UNKNOWN = {}, {}, {}  # it makes no claim of others
