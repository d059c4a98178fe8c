"""The trials of a search: their order, their settings, and what each setting does."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .style import ACCENT, CLAIMED, OURS, blank_figure, hide_axes, hide_spines

SCALE = sns.color_palette("viridis", as_cmap=True)
NOT_SEARCHED = {
    "trial",
    "status",
    "score",
    "best_epoch",
    "val_accuracy",
    "epochs",
    "seconds",
    "parameters",
    "history",
    "error",
}
MOST_LEVELS = 8  # values of a hyperparameter that are drawn one by one; more of them are numbers on a scale


def trials(trials: pd.DataFrame, *, claimed: dict | None = None, title: str = "") -> Figure:
    """Validation accuracy of each trial by its number, with the best so far.

    Args:
        trials: of ``tuning.search``: columns trial (in the order they ran), score (in [0, 1]; trials without one are left
            out), and one for each hyperparameter: numbers, texts or bools, None where a trial has none.
        claimed: trial (as in its column) -> the accuracy in [0, 1] that a report claims for it.
        title: of the figure.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if no trial has a score.

    Example:
        >>> import pandas as pd
        >>> from mnist_study import plots
        >>> table = pd.DataFrame({"trial": [0, 1, 2], "score": [0.95, 0.97, 0.96], "dropout": [0.0, 0.2, 0.4]})
        >>> plots.trials(table).axes[0].get_legend_handles_labels()[1]
        ['best so far', 'trial']
    """
    scored = _scored(trials)
    title = title or f"Accuracy against trials: all {len(scored)}, by number"
    figure = blank_figure(9, 4, title)
    ax = figure.subplots()
    number, scores = scored.trial.to_numpy(), 100 * scored.score.to_numpy(float)
    ax.step(number, np.maximum.accumulate(scores), where="post", color=OURS, linewidth=1.2, label="best so far")
    ax.plot(number, scores, "o", color=OURS, label="trial")
    if claimed:
        ax.plot(list(claimed), [100 * value for value in claimed.values()], "D", color=CLAIMED,
                mew=2, markersize=9, markerfacecolor="none", linestyle="none", label="printed in the report")  # fmt: skip
    ax.set(xlabel="trial", ylabel="validation accuracy, %")
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    ax.legend(frameon=False, loc="lower right", fontsize=9)
    hide_spines(ax, grid="y")
    return figure


def parallel_coordinates(trials: pd.DataFrame) -> Figure:
    """Every trial as a line through its settings to its score; the best is thick.

    Args:
        trials: of ``tuning.search``, as ``trials`` takes them.

    Returns:
        A matplotlib Figure, one axis for each hyperparameter in the order of the columns, the score at the right.

    Raises:
        ValueError: if no trial has a score.

    Example:
        >>> import pandas as pd
        >>> from mnist_study import plots
        >>> table = pd.DataFrame({"trial": [0, 1], "score": [0.95, 0.97], "units": [16, 64], "optimizer": ["sgd", "adam"]})
        >>> [text.get_text() for text in plots.parallel_coordinates(table).axes[0].texts if text.get_weight() == "bold"]
        ['units', 'optimizer', 'validation accuracy, %']
    """
    scored = _scored(trials)
    figure = blank_figure(9.5, 4.8, "Every trial as a line: settings on the left, validation accuracy on the right")
    ax = figure.subplots()
    scores = 100 * scored.score.to_numpy(float)
    lowest, highest = scores.min(), scores.max()
    heights = np.interp(scores, (lowest, highest), (0, 1)) if lowest < highest else np.full(len(scores), 0.5)
    columns = []
    names = _hyperparameters(trials)
    for place, name in enumerate(names):
        places, ticks = _on_a_scale(scored[name])
        columns.append(places + 0.05 * (heights - 0.5))  # lines through one value stay apart, the better ones above
        for height, text in ticks.items():
            ax.annotate(text, (place, height), (-9, 0), textcoords="offset points", ha="right", va="center",
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, zorder=3)  # fmt: skip
        ax.plot([place, place], [-0.05, 1.05], color="0.8", zorder=0)
        ax.text(place, 1.1, name.replace("_", " "), ha="center", fontweight="bold")
    columns.append(heights)
    last = len(names)
    ax.plot([last, last], [-0.05, 1.05], color="0.8", zorder=0)
    ax.text(last, 1.1, "validation accuracy, %", ha="center", fontweight="bold")
    for value in np.linspace(lowest, highest, 5) if lowest < highest else [lowest]:
        height = np.interp(value, (lowest, highest), (0, 1)) if lowest < highest else 0.5
        ax.annotate(f"{value:.2f}", (last, height), (7, 0), textcoords="offset points", va="center", fontsize=9)
    best = int(scores.argmax())
    for trial in np.argsort(scores):
        width, alpha = (3.2, 1.0) if trial == best else (1.2, 0.85)
        ax.plot(range(last + 1), [column[trial] for column in columns], color=SCALE(0.95 * heights[trial]), linewidth=width,
                alpha=alpha)  # fmt: skip
    ax.set(xlim=(-0.3, last + 0.35), ylim=(-0.1, 1.2))
    hide_axes(ax)
    return figure


def effects(trials: pd.DataFrame) -> Figure:
    """What each hyperparameter does on its own: one dot per trial; a line joins the means of its values, if they are few.

    Args:
        trials: of ``tuning.search``, as ``trials`` takes them.

    Returns:
        A matplotlib Figure, one axis for each hyperparameter.

    Raises:
        ValueError: if no trial has a score, or no hyperparameter has a column.

    Example:
        >>> import pandas as pd
        >>> from mnist_study import plots
        >>> table = pd.DataFrame({"trial": [0, 1], "score": [0.95, 0.97], "units": [16, 64], "learning_rate": [0.1, 0.1]})
        >>> [ax.get_xlabel() for ax in plots.effects(table).axes]
        ['units', 'learning rate']
    """
    scored, names = _scored(trials), _hyperparameters(trials)
    if not names:
        raise ValueError(f"No hyperparameter has a column among {', '.join(trials.columns)}; expected at least one.")
    figure = blank_figure(9.5, 3.8, "The effect of each hyperparameter: one dot per trial, the line is their mean")
    scores = 100 * scored.score.to_numpy(float)
    for ax, name in zip(figure.subplots(1, len(names), sharey=True, squeeze=False)[0], names, strict=True):
        levels = _levels(scored[name])
        if levels is None:
            ax.plot(scored[name].astype(float), scores, "o", color=OURS, alpha=0.6, markeredgewidth=0)
            ax.set_xscale("log" if _is_logarithmic(scored[name].astype(float)) else "linear")
        else:
            _draw_levels(ax, np.array([levels.index(_text(value)) for value in scored[name]]), levels, scores)
        ax.set_xlabel(name.replace("_", " "))
        hide_spines(ax, grid="y")
    figure.axes[0].set_ylabel("validation accuracy, %")
    return figure


def _draw_levels(ax, place: np.ndarray, levels: list[str], scores: np.ndarray) -> None:
    ax.plot(place + np.linspace(-0.12, 0.12, len(scores)), scores, "o", color=OURS, alpha=0.6, markeredgewidth=0)
    means = [scores[place == level].mean() for level in range(len(levels))]
    ax.plot(range(len(levels)), means, "-_", color=ACCENT, markersize=26, mew=2, linewidth=1)
    for level, mean in enumerate(means):
        ax.annotate(f"{mean:.2f}", (level, mean), (16, 4), textcoords="offset points", color=ACCENT, fontsize=8)
    ax.set(xticks=range(len(levels)), xlim=(-0.4, len(levels) - 0.35))
    ax.set_xticklabels(levels)


# --- hyperparameters ---------------------------------------------------------------------------------------------


def _scored(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with a score, in the order they ran."""
    scored = trials[trials.score.notna()].sort_values("trial", kind="stable")
    if scored.empty:
        raise ValueError(f"None of the {len(trials)} trials has a score; see their column `error`.")
    return scored


def _hyperparameters(trials: pd.DataFrame) -> list[str]:
    return [name for name in trials.columns if name not in NOT_SEARCHED]


def _is_number(value) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _text(value) -> str:
    """A value of a hyperparameter; "–" where a trial has none."""
    if value is None or value != value:  # NaN
        return "–"
    return f"{value:g}" if _is_number(value) else str(value)


def _levels(values: pd.Series) -> list[str] | None:
    """The different values as text, in their order; None where they are many numbers, or numbers of a range."""
    known = values.dropna().unique()
    numbers = all(map(_is_number, known))
    if numbers and (len(known) > MOST_LEVELS or any(map(_is_drawn, known))):
        return None
    known = sorted(known, key=None if numbers else str)
    return list(dict.fromkeys(map(_text, known))) + (["–"] if values.isna().any() else [])


def _is_drawn(value) -> bool:
    """Whether a number seems to come from a range, such as a dropout of 0.271428, and not from a list."""
    return value % 1 != 0 and not np.isclose(value, float(f"{value:.3g}"), rtol=1e-9)


def _is_logarithmic(values: pd.Series) -> bool:
    """Whether numbers, such as learning rates, seem to be drawn by their order of magnitude: the median tells."""
    low, middle, high = values.min(), values.median(), values.max()
    return low > 0 and high >= 10 * low and middle**2 < (low * high) ** 0.5 * (low + high) / 2


def _on_a_scale(values: pd.Series) -> tuple[np.ndarray, dict]:
    """Each trial's place in [0, 1], and what is written where: height -> text."""
    levels = _levels(values)
    if levels is not None:
        places = np.array([levels.index(_text(value)) for value in values]) / max(1, len(levels) - 1)
        heights = np.linspace(0, 1, len(levels)) if len(levels) > 1 else [0.0]
        return places, dict(zip(heights, levels, strict=True))
    values = values.astype(float)
    spaced = np.geomspace if _is_logarithmic(values) else np.linspace
    low, high = values.min(), values.max()
    ticks = dict(zip(np.linspace(0, 1, 5), (f"{tick:.3g}" for tick in spaced(low, high, 5)), strict=True))
    return np.interp(values, spaced(low, high, 1000), np.linspace(0, 1, 1000)), ticks
