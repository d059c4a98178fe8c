"""A network and how it is trained: its layers drawn, its curves by epoch."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from .style import CLAIMED, OURS, blank_figure, hide_axes, hide_spines

NOT_DRAWN = ("Rescaling", "Reshape", "ReLU", "LeakyReLU", "Activation", "Softmax", "Dropout", "BatchNormalization")
LAYER_NAMES = {"InputLayer": "input", "Conv2D": "convolution", "MaxPooling2D": "max-pool"}


def architecture(model, title: str = "") -> Figure:
    """A network drawn from its own layers: feature maps as stacks to scale, dense layers as bars.

    Args:
        model: a built Keras model whose layers follow one another, or the rows of ``models.layer_table``: dicts with layer
            (its kind), shape (of its output, without the batch), parameters.
        title: what network it is.

    Returns:
        A matplotlib Figure; activations and other layers that change no shape are not drawn, their parameters are counted.

    Raises:
        ValueError: if the model was not built yet.

    Example:
        >>> from mnist_study import plots
        >>> rows = [
        ...     {"layer": "InputLayer", "shape": [28, 28], "parameters": 0},
        ...     {"layer": "Flatten", "shape": [784], "parameters": 0},
        ...     {"layer": "Dense", "shape": [10], "parameters": 7850},
        ... ]
        >>> plots.architecture(rows, "Softmax regression").get_suptitle()
        'Softmax regression: 7,850 parameters'
    """
    table = _layer_rows(model) if hasattr(model, "layers") else model
    drawn = [row for row in table if row["layer"] not in NOT_DRAWN]
    parameters = f"{sum(row['parameters'] for row in table):,} parameters"
    figure = blank_figure(1.5 * len(drawn) + 0.6, 3.3, f"{title}: {parameters}" if title else parameters)
    ax = figure.subplots()
    largest = max((row["shape"][0] for row in drawn if len(row["shape"]) > 1), default=1)
    for place, row in enumerate(drawn):
        shape = row["shape"]
        if len(shape) > 1:
            side = shape[0] / largest
            sheets = min(6, shape[2]) if len(shape) > 2 else 1
            for sheet in reversed(range(sheets)):
                ax.add_patch(_sheet(place - side * 0.35 + 0.03 * sheet, -side / 2 + 0.05 * sheet, 0.7 * side, side))
        else:
            height = min(0.25 + 0.35 * np.log10(shape[0]), 1.44)
            ax.add_patch(_sheet(place - 0.05, -height / 2, 0.1, height))
        name = LAYER_NAMES.get(row["layer"], row["layer"].lower())
        count = f"\n{row['parameters']:,} weights" if row["parameters"] else ""
        ax.text(place, -0.72, f"{name}\n{' × '.join(map(str, shape))}{count}", ha="center", va="top", fontsize=8)
        if place:
            arrow = {"arrowstyle": "->", "color": "0.4"}
            ax.annotate("", (place - 0.44, -0.64), (place - 0.6, -0.64), arrowprops=arrow)
    ax.set(xlim=(-0.6, len(drawn) - 0.4), ylim=(-1.25, 0.85))
    hide_axes(ax)
    return figure


def _layer_rows(model) -> list[dict]:
    """The rows of ``models.layer_table``, and an input in front, which ``keras.Sequential`` does not list."""
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no shapes yet; begin it with keras.Input((28, 28)), or build it."
        )
    rows = [
        {"layer": type(layer).__name__, "shape": list(layer.output.shape[1:]), "parameters": layer.count_params()}
        for layer in model.layers
    ]
    if rows[0]["layer"] != "InputLayer":
        rows.insert(0, {"layer": "InputLayer", "shape": list(model.input_shape[1:]), "parameters": 0})
    return rows


def _sheet(x: float, y: float, width: float, height: float):
    return Rectangle((x, y), width, height, facecolor="#dcebf7", edgecolor=OURS, linewidth=1)


def training_curves(history, title: str = "") -> Figure:
    """Loss and misses by epoch on log scales, training and, where there is one, validation.

    Args:
        history: what ``model.fit`` returns, or its ``.history``; a list of these, one for each seed; or a dict: name of a
            model -> any of these, drawn side by side.
        title: of the figure.

    Returns:
        A matplotlib Figure; misses are drawn where ``accuracy`` was among the model's metrics.

    Raises:
        ValueError: if there is no loss in it.

    Example:
        >>> from mnist_study import plots
        >>> history = {"loss": [0.9, 0.4], "accuracy": [0.7, 0.9], "val_loss": [0.5, 0.3], "val_accuracy": [0.8, 0.9]}
        >>> [ax.get_ylabel() for ax in plots.training_curves(history).axes]
        ['loss (log scale)', 'misses, % (log scale)']
        >>> len(plots.training_curves({"MLP": history, "CNN": [history, history]}).axes)
        4
    """
    models = {"": history} if _is_one_model(history) else history
    models = {name: [_by_epoch(run) for run in (runs if isinstance(runs, list | tuple) else [runs])]
              for name, runs in models.items()}  # fmt: skip
    seeds = max(map(len, models.values()))
    title = title or "Training curves" + (": every line is one seed" if seeds > 1 else "")
    parts = [("loss", "loss (log scale)"), ("accuracy", "misses, % (log scale)")]
    parts = [part for part in parts if all(part[0] in run for runs in models.values() for run in runs)]
    figure = blank_figure(max(4.5, 2.5 * len(models)), 0.4 + 2.4 * len(parts), title)
    axes = figure.subplots(len(parts), len(models), sharex=True, sharey="row", squeeze=False)
    for column, (name, runs) in enumerate(models.items()):
        for row, (quantity, label) in enumerate(parts):
            ax = axes[row, column]
            for run in runs:
                for key, colour, kind in ((quantity, CLAIMED, "training"), (f"val_{quantity}", OURS, "validation")):
                    if key in run:
                        values = np.asarray(run[key])
                        values = values if quantity == "loss" else 100 * np.maximum(1 - values, 1e-5)
                        ax.plot(range(1, len(values) + 1), values, color=colour, linewidth=1, label=kind, alpha=0.8)
            ax.set(yscale="log")
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            hide_spines(ax)
            if column == 0:
                ax.set_ylabel(label)
        axes[0, column].set_title(name, fontsize=10)
        axes[-1, column].set_xlabel("epoch")
    lines = axes[0, 0].get_lines()[:2]
    lines = list({line.get_label(): line for line in lines}.values())
    axes[0, 0].legend(lines, [line.get_label() for line in lines], frameon=False, fontsize=8)
    return figure


def _is_one_model(history) -> bool:
    return not isinstance(history, dict) or "loss" in history


def _by_epoch(run) -> dict:
    """Quantity -> its value after each epoch."""
    history = getattr(run, "history", run)
    if not isinstance(history, dict) or "loss" not in history:
        raise ValueError(
            f"There is no loss in this {type(run).__name__}; expected what model.fit returns, or its .history."
        )
    return history
