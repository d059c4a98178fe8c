"""The rows of the reader, which no report has."""

from ...data import augment
from ...data.pages import hard
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
        "epochs": 14,
        "batch_size": 128,
        "light": augment.LIGHT,
        "strong": augment.STRONG,
        "european_share": 0.05,
        "printed_share": 0.02,
        "not_digit_share": 0.2,
        "showings": 4,
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
FINDER = Experiment(
    "reader/finder",
    "Finder of digits on pages",
    "finder",
    {
        "dataset": "mnist",
        "split": "55000/5000/10000",
        "finder": {"filters": [16, 64], "dilations": [1, 2, 4, 6, 1]},
        "learning_rate": 8e-3,
        "weight_decay": 1e-3,
        "epochs": 8,
        "pages_per_epoch": 9600,
        "showings": 2,
        "validation_pages": 480,
        "batch_size": 32,
        "precision": "mixed_bfloat16",
    },
    "not in the report",
    (1,),
    {"epochs": 1, "pages_per_epoch": 64, "validation_pages": 32},
)
PAGES = Experiment(
    "reader/pages",
    "Reader on hard pages",
    "pages",
    {"dataset": "mnist", "trained": "reader/shipped", "kinds": list(hard.KINDS + hard.KEPT), "pages": 20},
    "not in the report",
    quick={"pages": 1},
)

STRINGS = Experiment(
    "reader/strings",
    "Reader on strings",
    "strings",
    {"trained": "reader/shipped", "digits": 5, "strings": [1000, 200, 200]},
    "not in the report",
    quick={"strings": [3, 3, 3]},
)

ROWS = (READER, SHIPPED, EDGE, FINDER, PAGES, STRINGS)
