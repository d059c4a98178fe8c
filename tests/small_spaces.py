"""Search spaces for the tests of searches: small networks, and what a space may do wrong."""


def small(hp):
    return {
        "model": {"builder": "pooled_cnn", "filters": [hp.Choice("filters", [2, 3, 4])], "pool_size": 4, "units": 8},
        "learning_rate": hp.Choice("learning_rate", [1e-2, 1e-3]),
        "batch_size": 64,
        "epochs": 3,
    }


def failing(hp):
    return small(hp) | {"optimizer": "adam" if hp.Boolean("good") else "madam"}


def dependent(hp):
    settings = small(hp)
    if hp.Boolean("deep"):
        settings["model"]["units"] = hp.Choice("units", [8, 16])
    return settings


def conditional(hp):
    deep = hp.Boolean("deep")
    with hp.conditional_scope("deep", [True]):
        units = hp.Choice("units", [8, 16])
    return {"model": {"builder": "pooled_cnn", "units": units if deep else 4}}


def nothing(hp):
    return {"model": {"builder": "pooled_cnn"}}


def forgetful(hp):
    hp.Boolean("deep")


def unlisted(hp):
    return {"model": {"builder": "pooled_cnn"}, "learning_rate": hp.Float("learning_rate", 1e-4, 1e-2)}
