"""Two records of the same run compared: what a training that is repeated must give again."""

import re

import numpy as np

from .record import Record

# Weights are summed in another order on another number of threads: the last digits of a float32 may differ after one step.
RELATIVE, ABSOLUTE = 1e-4, 1e-5
STORED_HALF = 2e-3  # of scores, which are stored as float16
AUTOMATIC = re.compile(r"_\d+$")  # Keras counts the layers that it names itself, of all models of a process


def differences(first: Record, second: Record) -> list[str]:
    """What differs between two records by more than rounding: every metric and array but seconds, and the history.

    Whole numbers and texts must be equal; numbers may differ by ``RELATIVE`` of their size or ``ABSOLUTE``, scores stored as
    float16 by ``STORED_HALF``.

    Returns:
        One line for each difference; none where the two say the same.

    Example:
        >>> one = Record("mine", 1, {}, "", {"misses": 3, "loss": 0.1})
        >>> differences(one, Record("mine", 1, {}, "", {"misses": 4, "loss": 0.1000001}))
        ['misses: 3, now 4']
    """
    return [
        *_lines(first.metrics, second.metrics, ""),
        *_lines(first.history, second.history, "history of "),
        *_lines(first.arrays, second.arrays, "array "),
    ]


def identical(first: Record, second: Record) -> bool:
    """Whether two records are equal to the last bit, seconds apart."""
    arrays = _timeless(first.arrays), _timeless(second.arrays)
    return (
        _without_layers(first.metrics) == _without_layers(second.metrics)
        and _alike(first.metrics.get("layers"), second.metrics.get("layers"))
        and _timeless(first.history) == _timeless(second.history)
        and arrays[0].keys() == arrays[1].keys()
        and all(
            np.array_equal(array, arrays[1][name], equal_nan=array.dtype.kind == "f")
            for name, array in arrays[0].items()
        )
    )


def _without_layers(metrics: dict) -> dict:
    return {name: value for name, value in _timeless(metrics).items() if name != "layers"}


def _timeless(values: dict) -> dict:
    return {name: value for name, value in values.items() if "seconds" not in name}


def _lines(first: dict, second: dict, prefix: str) -> list[str]:
    first, second = _timeless(first), _timeless(second)
    told = {
        name: _difference(value, second[name]) if name in second else "missing now" for name, value in first.items()
    }
    told |= {name: "new" for name in second if name not in first}
    return [f"{prefix}{name}: {said}" for name, said in told.items() if said]


def _difference(was, now) -> str:
    """In words; "" where there is none."""
    if not isinstance(was, np.ndarray):
        return "" if _alike(was, now) else f"{_short(was)}, now {_short(now)}"
    if was.shape != now.shape:
        return f"shape {was.shape}, now {now.shape}"
    wrong = was != now
    if was.dtype.kind == "f":
        absolute = STORED_HALF if was.dtype == np.float16 else ABSOLUTE
        wrong = ~np.isclose(was.astype(float), now.astype(float), rtol=RELATIVE, atol=absolute, equal_nan=True)
    return f"{int(wrong.sum()):,} of {wrong.size:,} values" if wrong.any() else ""


def _alike(first, second) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_alike(first[name], second[name]) for name in first)
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(_alike, first, second))
    if isinstance(first, str) and isinstance(second, str):
        return AUTOMATIC.sub("", first) == AUTOMATIC.sub("", second)
    if isinstance(first, float) or isinstance(second, float):
        return bool(np.isclose(first, second, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
    return first == second


def _short(value) -> str:
    if isinstance(value, list) and len(value) > 3:
        return f"[… {_short(value[-1])}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:60]
