"""The rows of the reader, which no report has."""

from ...data import augment
from ...records import FIVE_SEEDS, Experiment

READER = Experiment(
    "reader/cnn",
    "Reader",
    "reader",
    {
        "dataset": "mnist",
        "split": "55000/5000/10000",
        "model": {"builder": "reader_cnn", "filters": 32},
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 1e-3,
        "epochs": 20,
        "batch_size": 128,
        "light": augment.LIGHT,
        "strong": augment.STRONG,
        "european_share": 0.05,
        "printed_share": 0.02,
        "not_digit_share": 0.2,
        "sure_of_validation": 0.99,
        "views": 5,
    },
    "not in the report",
    FIVE_SEEDS,
    {"epochs": 1},
)
SHIPPED = Experiment(
    "reader/shipped",
    "Reader, as shipped",
    "shipped",
    {"trained": "reader/cnn", "chosen_by": "cross-entropy on validation images", "stress": "every kind and strength"},
    "not in the report",
)
EDGE = Experiment(
    "reader/edge",
    "Reader in LiteRT",
    "edge",
    {"trained": "reader/shipped", "formats": "float32, float16, int8", "representative": 500, "timed_images": 2000},
    "not in the report",
    quick={"timed_images": 100},
)
STRINGS = Experiment(
    "reader/strings",
    "Reader on strings",
    "strings",
    {"trained": "reader/shipped", "digits": 5, "strings": 1000},
    "not in the report",
    quick={"strings": 3},
)

ROWS = (READER, SHIPPED, EDGE, STRINGS)
