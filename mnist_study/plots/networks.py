"""A network and how it is trained: its layers drawn, its curves by epoch."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogFormatter, MaxNLocator

from .style import CLAIMED, OURS, blank_figure, hide_axes, hide_spines

NOT_DRAWN = (
    "Rescaling",
    "Permute",
    "Boxed",
    "ReLU",
    "LeakyReLU",
    "GaussianNoise",
    "Activation",
    "Softmax",
    "Dropout",
    "BatchNormalization",
)
LAYER_NAMES = {
    "InputLayer": "input",
    "Conv2D": "convolution",
    "MaxPooling2D": "max-pool",
    "GlobalAveragePooling2D": "mean of each map",
}
BLOCKS_A_LINE = 8


def architecture(model, title: str = "") -> Figure:
    """A network drawn from its own layers: feature maps as stacks of squares, dense layers as bars.

    Args:
        model: a built Keras model whose layers follow one another, or the rows of ``models.layer_table``: dicts with layer
            (its kind), shape (of its output, without the batch), parameters; or a dict: name -> either, drawn below each other.
        title: what network it is.

    Returns:
        A matplotlib Figure; the sides of maps are to scale, the heights of bars logarithmic. Activations and other layers
        that change no shape are not drawn, their parameters are counted.

    Raises:
        ValueError: if the model was not built yet.

    Example:
        >>> from mnist_study import plots
        >>> rows = [
        ...     {"layer": "InputLayer", "shape": [28, 28], "parameters": 0},
        ...     {"layer": "Flatten", "shape": [784], "parameters": 0},
        ...     {"layer": "Dense", "shape": [10], "parameters": 7850},
        ... ]
        >>> plots.architecture(rows, "Softmax regression").axes[0].get_title(loc="left")
        'Softmax regression: 7,850 parameters'
    """
    models = model if isinstance(model, dict) else {title: model}
    tables = {name: _layer_rows(one) if hasattr(one, "layers") else one for name, one in models.items()}
    lines = []  # (heading, blocks): a long network goes on in the next line
    for name, table in tables.items():
        drawn = [row for row in table if row["layer"] not in NOT_DRAWN and not _adds_an_axis(row)]
        parameters = f"{sum(row['parameters'] for row in table):,} parameters"
        for first in range(0, len(drawn), BLOCKS_A_LINE):
            heading = f"{name}: {parameters}" if name else parameters
            lines.append(("" if first else heading, drawn[first : first + BLOCKS_A_LINE], first > 0))
    across = max(len(blocks) for _, blocks, _ in lines)
    figure = blank_figure(1.3 * across + 0.2, 2.45 * len(lines), title if isinstance(model, dict) else "")
    side = max((row["shape"][0] for table in tables.values() for row in table if len(row["shape"]) > 1), default=1)
    for ax, (heading, blocks, goes_on) in zip(figure.subplots(len(lines), squeeze=False)[:, 0], lines, strict=True):
        _draw_blocks(ax, blocks, side, goes_on)
        ax.set_title(heading, fontsize=11, loc="left", fontweight="bold")
        ax.set(xlim=(-0.65, 1.3 * across - 0.65), ylim=(-1.35, 0.75), aspect="equal")
        hide_axes(ax)
    return figure


def _draw_blocks(ax, blocks: list[dict], largest: int, goes_on: bool) -> None:
    """A line of layers, 1.3 apart, an arrow into each; the side of the largest map is 1."""
    right = -0.65 if goes_on else None  # where the block before ends
    for place, row in enumerate(blocks):
        x, shape = 1.3 * place, row["shape"]
        if len(shape) > 1:
            height, width = (0.9 * length / largest for length in shape[:2])
            sheets = min(5, shape[2]) if len(shape) > 2 else 1
            depth = 0.035 * (sheets - 1)
            for sheet in reversed(range(sheets)):
                back = 0.035 * sheet - depth / 2
                ax.add_patch(_sheet(x - width / 2 + back, -height / 2 + back, width, height))
            reach = (width + depth) / 2
        else:
            height, reach = min(0.2 + 0.27 * np.log10(shape[0]), 1.25), 0.06
            ax.add_patch(_sheet(x - reach, -height / 2, 2 * reach, height))
        if right is not None:
            arrow = {"arrowstyle": "-|>", "color": "0.4", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
            ax.annotate("", (x - reach - 0.04, 0), (right + 0.04, 0), arrowprops=arrow)
        right = x + reach
        name = LAYER_NAMES.get(row["layer"], row["layer"].lower())
        count = f"\n{row['parameters']:,} weights" if row["parameters"] else ""
        ax.text(x, -0.74, f"{name}\n{' × '.join(map(str, shape))}{count}", ha="center", va="top", fontsize=8.5)


def _adds_an_axis(row: dict) -> bool:
    """Whether a reshaping layer leaves an image as it is: no more than a channel, or the axes of a later permutation."""
    return row["layer"] == "Reshape" and (len(row["shape"]) != 3 or row["shape"][2] == 1)


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


class _PlainNumbers(LogFormatter):
    """Labels a logarithmic axis with 0.5, 1 and 2 instead of powers of ten."""

    def __call__(self, x, pos=None):
        return f"{x:g}" if super().__call__(x, pos) else ""


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
    models = history if isinstance(history, dict) and "loss" not in history else {"": history}
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
            ax.yaxis.set_major_formatter(_PlainNumbers())
            ax.yaxis.set_minor_formatter(_PlainNumbers())
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


def _by_epoch(run) -> dict:
    """Quantity -> its value after each epoch."""
    history = getattr(run, "history", run)
    if not isinstance(history, dict) or "loss" not in history:
        raise ValueError(
            f"There is no loss in this {type(run).__name__}; expected what model.fit returns, or its .history."
        )
    return history
