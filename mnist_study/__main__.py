"""The command line: ``python -m mnist_study COMMAND``; ``--help`` says what each does."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from . import paths
from .files import DataError
from .records import RecordError

README_MARKS = "<!-- {name}: written by `python -m mnist_study tables` -->", "<!-- end -->"


def main(arguments=None) -> int:
    """Run one command; errors that a user can mend are printed as one line and end with exit code 1."""
    options = _parser().parse_args(arguments)
    before = os.environ.get("MNIST_STUDY_PROFILE")
    try:
        os.environ["MNIST_STUDY_PROFILE"] = getattr(options, "profile", None) or paths.profile()
        return options.command(options) or 0
    except (DataError, RecordError, LookupError, ValueError, OSError, RuntimeError) as error:
        print(f"error: {error.args[0] if isinstance(error, LookupError) else error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The last finished epoch is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    finally:
        os.environ.pop("MNIST_STUDY_PROFILE", None)
        if before is not None:
            os.environ["MNIST_STUDY_PROFILE"] = before


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mnist_study", description="Five reports on handwritten digits, reproduced."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    study = commands.add_parser("study", help="run every notebook, then draw figures and tables from the records")
    study.add_argument("--profile", choices=paths.PROFILES)
    study.set_defaults(command=_study)

    train = commands.add_parser("train", help="make the records of an experiment, or load them where they exist")
    train.add_argument(
        "experiment",
        nargs="*",
        metavar="EXPERIMENT",
        help="report/name, or FILE.py:NAME for your own; all of the reports' when left out",
    )
    train.add_argument("--seed", type=_seed, help="this seed only (default: the experiment's own seeds)")
    train.add_argument("--profile", choices=paths.PROFILES)
    train.set_defaults(command=_train)

    _add_tune(commands)

    compare = commands.add_parser("compare", help="print claimed beside ours for some experiments, from their records")
    compare.add_argument("experiment", nargs="+", metavar="EXPERIMENT", help="report/name, or FILE.py:NAME")
    compare.add_argument("--profile", choices=paths.PROFILES)
    compare.set_defaults(command=_compare)

    figures = commands.add_parser("figures", help="draw every figure from the committed records; no training")
    figures.set_defaults(command=_figures)

    tables = commands.add_parser("tables", help="write the README's numbers and tables from the committed records")
    tables.add_argument("--check", action="store_true", help="change nothing; exit 1 if the README is not current")
    tables.set_defaults(command=_tables)

    report = commands.add_parser("report", help="build the static site from notebooks and records; no training")
    report.add_argument("--folder", type=Path, help="where (default: site/ of the project)")
    report.set_defaults(command=_report)

    read = commands.add_parser("read", help="read photos of digits with the shipped reader")
    read.add_argument("photo", nargs="+", metavar="PHOTO", help="image files, or folders to read whole")
    read.add_argument("--json", action="store_true", help="print one JSON list of path, digit, confidence, box")
    read.add_argument("--show", action="store_true", help="write what the network saw beside each photo, into ./read/")
    read.set_defaults(command=_read)

    ship = commands.add_parser("ship", help="put the best trained reader (on validation) into the package")
    ship.set_defaults(command=_ship)

    export = commands.add_parser(
        "export", help="write the shipped reader's network as LiteRT files, for small machines"
    )
    export.add_argument("folder", type=Path, metavar="FOLDER", help="where reader-FORMAT.tflite are written")
    export.set_defaults(command=_export)

    data = commands.add_parser("data", help="find or download the data sets, check them, and say where they are")
    data.set_defaults(command=_data)
    return parser


def _add_tune(commands) -> None:
    tune = commands.add_parser("tune", help="search for better settings with Keras Tuner, or go on with a search")
    tune.add_argument("space", metavar="SPACE", help="a search space, or FILE.py:FUNCTION for one of your own")
    tune.add_argument("--strategy", default="random", help="random (default), bayesian, hyperband or grid")
    tune.add_argument(
        "--trials", type=int, help="how many settings to try (default: 20; all of a grid or of Hyperband)"
    )
    tune.add_argument("--epochs", type=int, help="epochs of a trial (default: the space's)")
    tune.add_argument("--seed", type=int, default=1, help="of strategy, weights and order (default: 1)")
    tune.add_argument("--workers", type=int, default=1, help="trials at a time on this machine (default: 1)")
    tune.add_argument("--chief", metavar="HOST:PORT", help="share the search with other machines, by the chief there")
    tune.add_argument("--folder", type=Path, help="where it lives (default: under build/); shared, with --chief")
    tune.add_argument("--patience", type=float, default=60.0, help="seconds to wait for a silent chief or worker")
    tune.add_argument("--profile", choices=paths.PROFILES)
    tune.set_defaults(command=_tune)


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; expected a whole number, 0 or more")
    return int(text)


def _study(options) -> int:
    from . import datasets

    profile = paths.profile()
    dataset = datasets.for_profile(profile)
    print(f"mnist_study, {profile} profile, on {dataset.name} (digest {dataset.digest[:12]})")
    if dataset.notice:
        line = "=" * min(100, len(dataset.notice))
        print(f"{line}\n{dataset.notice}\n{line}")
    notebooks = sorted((paths.project_root() / "notebooks").glob("[0-9]*.ipynb"))
    executed = paths.project_root() / "build" / profile / "notebooks"
    for number, notebook in enumerate(notebooks, 1):
        print(f"[{number}/{len(notebooks)}] {notebook.name}", flush=True)
        _execute(notebook, executed)
    status = _figures(options) or _tables(argparse.Namespace(check=False))
    print(
        f"\nLook at:\n  {executed}  (every notebook as it ran just now)\n"
        f"  {paths.figures_dir(profile)}  (their figures)\n"
        f"  {paths.figures_dir('full')}  (the figures of the committed records)\n"
        f"  {paths.project_root() / 'README.md'}  (claimed beside ours)"
    )
    return status


def _execute(notebook: Path, folder: Path) -> None:
    """Run one notebook top to bottom into ``folder``; its own output is kept only there."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        str(notebook),
        "--output-dir",
        str(folder),
    ]
    done = subprocess.run(
        [*command, "--ExecutePreprocessor.store_widget_state=False", "--log-level=WARN"],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise OSError(f"{notebook.name} stopped with an error:\n{done.stderr[-3000:]}")


def _train(options) -> int:
    from . import datasets, experiments

    profile = paths.profile()
    names = options.experiment or list(experiments.EXPERIMENTS)
    chosen = [one for name in names for one in experiments.find(name)]  # an unknown name is told before any work
    sets = {name: datasets.for_profile(profile, name) for name in {one.dataset for one in chosen}}
    for dataset in sets.values():
        if dataset.notice:
            print(dataset.notice)
    for experiment in chosen:
        dataset = sets[experiment.dataset]
        seeds = experiment.seeds if options.seed is None else (options.seed,)
        for seed in seeds if profile == "full" else seeds[:1]:
            record = experiments.run(experiment.name, seed, dataset, profile)
            print(f"{experiment.name}, seed {seed}: {_summary(record)}", flush=True)
    return 0


def _compare(options) -> int:
    from . import comparison, experiments

    names = [one.name for name in options.experiment for one in experiments.find(name)]
    found = experiments.Records(paths.profile())
    silent = [name for name in names if "accuracy" not in found.one(name).metrics]
    if silent:
        raise ValueError(f"{silent[0]} has no accuracy to compare; leave it out.")
    for notice in dict.fromkeys(found.notices):
        print(notice)
    print(comparison.table(found, names).to_string(index=False))
    return 0


def _tune(options) -> int:
    from . import searches, tuning, tuning_workers

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    asked = {name: getattr(options, name) for name in ("space", "strategy", "trials", "epochs", "seed", "folder")}
    search = searches.Search(**asked, profile=paths.profile())
    if tuning_workers.ROLE in os.environ:  # started by Keras Tuner's own variables, as tuning_workers does
        tuning_workers.take_part(search, options.patience)
        return 0
    alone = options.workers == 1 and options.chief is None
    print(f"{search.space}, {search.strategy}: {search.total()} trials, {options.workers} at a time, in {search.path}")
    found = (
        tuning.run(search) if alone else tuning_workers.run(search, options.workers, options.chief, options.patience)
    )
    failed = found[found.status == "FAILED"]
    shown = found.drop(columns=["history", "error", "status", "worker", "seed"])
    print(f"\n{shown.head(10).to_string(index=False)}\n\nrows: {searches.write_table(search.path)}")
    print(f"curves: tensorboard --logdir {search.path / 'tensorboard'}")
    for row in failed.itertuples():
        print(f"trial {row.trial} failed:\n{row.error}", file=sys.stderr)
    return 1 if len(failed) else 0


def _summary(record) -> str:
    metrics, seconds = record.metrics, sum(record.seconds.values())
    if "accuracy" not in metrics:
        return f"{metrics['n']:,} images, {seconds:.1f} s"
    return f"accuracy {metrics['accuracy']:.4f}, {metrics['misses']:,} of {metrics['n']:,} missed, {seconds:.1f} s"


def _figures(options) -> int:
    from . import gallery

    missing = 0
    for name in gallery.FIGURES:
        try:
            print(f"figures/{gallery.draw(name).name}")
        except gallery.MissingRecordError as error:
            missing += 1
            print(f"{name} left as it is: {error.args[0]}", file=sys.stderr)
    return 1 if missing else 0


def _tables(options) -> int:
    from . import report

    readme = paths.project_root() / "README.md"
    text = readme.read_text(encoding="utf-8")
    current = text
    for name, part in report.readme_parts().items():
        start, end = (mark.format(name=name) for mark in README_MARKS)
        if start not in current:
            raise ValueError(f"{readme} has no line {start!r}; put it back, followed by {end!r}.")
        before, rest = current.split(start, 1)
        after = rest.split(end, 1)[1]
        current = f"{before}{start}\n{part}{end}{after}"
    if options.check:
        if text != current:
            print("README.md is not current: run `python -m mnist_study tables` and commit it.", file=sys.stderr)
        return int(text != current)
    if text != current:
        with paths.whole_file(readme) as temporary:
            temporary.write_text(current, encoding="utf-8")
    return 0


def _report(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from . import website
    except ModuleNotFoundError as error:
        raise ValueError(
            f"The site needs {error.name}, which is not installed. Run `pip install mnist_study[site]`, or `make report`."
        ) from error
    folder = website.build(options.folder)
    print(f"Open {folder / 'index.html'} by a double click, or put the folder on any web server.")
    return 0


def _read(options) -> int:
    import json

    from tqdm import tqdm

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from . import photo_files, reader

    status, chosen, found = 0, [], []
    for name in map(Path, options.photo):
        inside = photo_files.photos_in(name) if name.is_dir() else [name]
        if not inside:
            status = 1
            endings = " ".join(photo_files.SUFFIXES)
            print(f"error: {name} holds no photos; expected files that end in {endings}.", file=sys.stderr)
        chosen += inside
    for path in tqdm(chosen, desc="reading", unit="photo", disable=len(chosen) < 2):
        try:
            page = reader.read(path)
        except (photo_files.PhotoError, OSError) as error:
            status = 1
            tqdm.write(f"error: {error}", file=sys.stderr)
            continue
        for one in page:
            digit = one.digit if one.sure else None
            found.append({"path": str(path), "digit": digit, "confidence": round(one.confidence, 4), "box": one.box})
            if not options.json:
                tqdm.write(f"{path}\t{one.answer}\t{one.confidence:.4f}", file=sys.stdout)
        if options.show:
            tqdm.write(f"written: {_write_page(page, path)}", file=sys.stderr)
    if options.json:
        print(json.dumps(found, indent=1))
    return status


def _write_page(page, photo: Path) -> Path:
    """``read/NAME.png`` in the working folder, numbered where the name is taken: nothing is overwritten."""
    target, number = Path("read") / f"{photo.stem}.png", 1
    while target.exists():
        number += 1
        target = target.with_name(f"{photo.stem}-{number}.png")
    with paths.whole_file(target) as temporary:
        page.figure().savefig(temporary, format="png", dpi=120)
    return target


def _ship(options) -> int:
    from . import reader_training

    print(f"shipped: {reader_training.ship()}")
    return 0


def _export(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from . import datasets, edge

    for path in edge.write_all(options.folder, datasets.for_profile("full")).values():
        print(f"{path}\t{path.stat().st_size / 1000:,.0f} kB")
    return 0


def _data(options) -> int:
    from . import datasets, sharpies

    def counted(found):
        return f"{len(found.x_train):,} training and {len(found.x_test):,} test images, digest {found.digest[:12]}"

    sets = {
        "MNIST": lambda: counted(datasets.mnist()),
        "USPS": lambda: counted(datasets.usps()),
        "sharpies": lambda: f"{len(sharpies.load_photos().labels)} photos, digest {sharpies.SHARPIES_DIGEST[:12]}",
    }
    status = 0
    for name, describe in sets.items():
        try:
            print(f"{name}: {describe()}, ok")
        except DataError as error:
            status = 1
            print(f"{name}: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
