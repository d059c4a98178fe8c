"""The experiments of report asher: three classical models, a CNN, and the search for a better one."""

from itertools import product

from ...records import FRESH_SEEDS, TEN_SEEDS, Experiment

AUGMENTATION = {"rotation": 10, "shift": 0.1, "zoom": 0.1}  # our choice; the report names the three and gives no ranges
SEARCHED = {"filters": (32, 64, 128), "units": (32, 64, 128), "learning_rate": (1e-2, 1e-3, 1e-4)}


def searched(filters: int, units: int, learning_rate: float) -> dict:
    """A trial's settings: what the report searched over, and what we chose because it does not say.

    Source: report asher, "Training & Hyperparameter Tuning".
    """
    return {
        "dataset": "mnist",
        "split": "60000/10000",
        "validation_split": 1 / 6,
        "model": {
            "builder": "pooled_cnn",
            "filters": [filters, filters],
            "kernel_size": 3,
            "pool_size": 2,
            "dropout": 0.0,
            "units": units,
        },
        "optimizer": "adam",
        "learning_rate": learning_rate,
        "epochs": 5,
        "batch_size": 64,
        "precision": "mixed_bfloat16",
    }


def trial_name(filters: int, units: int, learning_rate: float) -> str:
    """The experiment of one setting of the search."""
    return f"asher/search/f{filters}-u{units}-lr{learning_rate:g}"


def _classical(name, title, **model):
    settings = {"dataset": "mnist", "split": "60000/10000", "model": model}
    seeds = TEN_SEEDS if model["builder"] == "random_forest" else (0,)
    return Experiment(f"asher/{name}", title, "classical", settings, "table 'Comparison of Models'", seeds)


def _cnn(name, title, source, seeds, values, **changes):
    settings = searched(*values) | {"measured_on": "test"} | changes
    return Experiment(f"asher/{name}", title, "network", settings, source, seeds, {"epochs": 1})


def _choice(choice, values):
    settings = searched(*values) | {"measured_on": "validation"}
    if choice == "one-stage":
        settings["model"] = settings["model"] | {"filters": [values[0]]}
    else:
        settings["batch_size"] = 32
    title = "{} filters, {} units, rate {:g}".format(*values) + f", {CHOICES[choice]}"
    name = trial_name(*values).replace("/search/", f"/choices/{choice}/")
    return Experiment(name, title, "network", settings, seeds=(1,), quick={"epochs": 1})


def _trial(*values):
    title = "{} filters, {} units, rate {:g}".format(*values)
    source = "section 'Hyperparameter Tuning Results'"
    settings = searched(*values) | {"space": "asher", "values": dict(zip(SEARCHED, values, strict=True))}
    seeds = TEN_SEEDS if values in PRINTED else (1,)  # of a claim it must be seen what another seed would make
    return Experiment(trial_name(*values), title, "trial", settings, source, seeds, {"epochs": 1})


def _noise(model: Experiment, seeds=(6, 7, 8)) -> Experiment:
    """What the report left for later: the same model on noisy images; seeds whose networks are at hand."""
    settings = {"dataset": "mnist", "trained": model.name, "strengths": {"noise": [0.1, 0.2, 0.3, 0.4, 0.5]}}
    name = model.name.replace("/", "/later/noise/")
    return Experiment(name, model.title, "fragility", settings, "section 'Future Scope'", seeds)


PLAIN = (32, 128, 1e-3)  # filters, units, learning rate of the CNN that nobody tuned: our choice
SEARCH = tuple(product(*SEARCHED.values()))
PRINTED = ((64, 32, 1e-2), (128, 128, 1e-4))  # the two trials that the report prints
CHOICES = {"one-stage": "one convolution", "batch-32": "batches of 32"}  # tried on the printed trials, on validation
BEST = (128, 128, 1e-3)  # of the search, on validation data; a test compares it with the records

MODELS = (
    _classical("svm", "SVM", builder="svm", scaled=False),
    _classical("knn", "KNN, k = 5", builder="knn", k=5),
    _classical("random-forest", "Random forest, 100 trees", builder="random_forest", trees=100),
    _cnn("cnn", "CNN", "table 'Comparison of Models'", TEN_SEEDS, PLAIN),
    _cnn(
        "cnn-augmented",
        "CNN, with rotation, shift and zoom",
        "section 'Data Preprocessing'",
        TEN_SEEDS,
        PLAIN,
        augmentation=AUGMENTATION,
    ),
)

ROWS = (
    *MODELS,
    _noise(MODELS[1], seeds=(0,)),  # KNN
    *map(_noise, MODELS[2:]),
    *(_choice(choice, values) for choice in CHOICES for values in PRINTED),
    *(_trial(*values) for values in SEARCH),
    _cnn("cnn-tuned", "CNN, tuned", "section 'Analysis of Result'", FRESH_SEEDS, BEST),
    Experiment(
        "asher/anatomy",
        "Inside the tuned CNN",
        "anatomy",
        {"dataset": "mnist", "trained": "asher/cnn-tuned"},
        "sections 'Data Preprocessing' and 'CNN Model Architecture'",
        FRESH_SEEDS[:1],
    ),
)
