"""One run, one record: settings, seed, data, metrics, history, time and provenance in a .json, arrays in a .npz beside it.

A record is found again by what was asked (experiment, settings, data) and its seed; nothing else decides whether a run
is repeated. Files are written whole or not at all, the .json last: where it exists, the record is complete.
"""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from .. import paths


class RecordError(ValueError):
    """A record's files do not belong together or cannot be read."""


@dataclass
class Record:
    """One run.

    Attributes:
        experiment: ``report/name``, the name of its ``Experiment``.
        seed: the run's seed; 0 where nothing is drawn at random.
        settings: everything that decides the result, as plain JSON types.
        data_digest: SHA-256 of the data set's arrays (``data.digest``).
        metrics: ``accuracy`` in [0, 1], ``misses`` and ``n`` as counts, ``loss``, and more as needed.
        history: one list per quantity, one entry per epoch; empty where there are no epochs.
        seconds: wall-clock seconds by stage (``fit``, ``predict``).
        provenance: commit, dirty, versions, device, time.
        arrays: name -> array, stored in the .npz.
    """

    experiment: str
    seed: int
    settings: dict
    data_digest: str
    metrics: dict
    history: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)
    provenance: dict = field(default_factory=dict)
    arrays: dict = field(default_factory=dict)

    @property
    def fitting_seconds(self) -> float:
        """Seconds until a model is fitted, a search before it included."""
        return self.seconds["fit"] + self.seconds.get("search", 0.0)


def key(settings: dict, data_digest: str) -> str:
    """Eight hexadecimal digits that stand for a setting and the data it ran on."""
    text = json.dumps({"settings": settings, "data": data_digest}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def record_path(folder: Path, experiment: str, seed: int, settings: dict, data_digest: str) -> Path:
    """Path of a record's .json; its .npz (and a network's .keras) stand beside it."""
    return Path(folder) / experiment / f"seed-{seed}-{key(settings, data_digest)}.json"


def save(record: Record, folder: Path) -> Path:
    """Write a record whole: arrays first, then the .json that vouches for them.

    Returns:
        The path of the .json.
    """
    path = record_path(folder, record.experiment, record.seed, record.settings, record.data_digest)
    with paths.whole_file(path.with_suffix(".npz")) as temporary:
        np.savez_compressed(temporary, **record.arrays)
    content = {name: value for name, value in asdict(record).items() if name != "arrays"}
    paths.write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def read(path: Path) -> Record:
    """Read the record at ``path`` (its .json).

    Raises:
        RecordError: if the .json is not a record, or its .npz is missing or damaged.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            return Record(**content, arrays={name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise RecordError(
            f"The record {path} cannot be read ({error}). Expected a record .json with its .npz beside it. "
            f"Restore both from version control, or move them away to run the experiment again."
        ) from error


def find(folder: Path, experiment: str, seed: int, settings: dict, data_digest: str) -> Record | None:
    """The record of exactly this run, or None where it was never made."""
    path = record_path(folder, experiment, seed, settings, data_digest)
    return read(path) if path.exists() else None


def find_seeds(folder: Path, experiment: str, settings: dict, data_digest: str) -> list[Record]:
    """All records of this experiment with these settings and data, ordered by seed."""
    found = (Path(folder) / experiment).glob(f"seed-*-{key(settings, data_digest)}.json")
    return sorted((read(path) for path in found), key=lambda record: record.seed)
