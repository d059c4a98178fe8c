"""The command line: ``python -m mnist_study COMMAND``; ``--help`` says what each does."""

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import needs_the_study, paths
from .data import DataError

README_MARKS = "<!-- {name}: written by `python -m mnist_study tables` -->", "<!-- end -->"


def main(arguments=None) -> int:
    """Run one command; errors that a user can mend are printed as one line and end with exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        status = options.command(options) or 0
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # somebody has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        print(f"error: {needs_the_study(error)}", file=sys.stderr)
        return 1
    except (DataError, LookupError, ValueError, OSError, RuntimeError) as error:
        print(f"error: {error.args[0] if isinstance(error, LookupError) else error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The last finished epoch is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mnist_study", description="Five reports on handwritten digits, reproduced."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable, told: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=told)
        command.set_defaults(command=run)
        return command

    add("study", _study, "run every notebook, then draw figures and tables from the records")

    add("list", _list, "name every experiment, figure, table and search space")

    train = add("train", _train, "make the records of an experiment, or load them where they exist")
    train.add_argument(
        "experiment",
        nargs="*",
        metavar="EXPERIMENT",
        help="such as sharpies/cnn-32f; all of the reports' when left out",
    )
    train.add_argument("--seed", type=_seed, help="this seed only (default: the experiment's own seeds)")
    train.add_argument("--quick", action="store_true", help="a smoke run: few images and epochs, into build/quick/")
    train.add_argument("--workers", type=int, default=1, help="runs at a time, in processes of their own (default: 1)")

    tune = add("tune", _tune, "search for better settings with Keras Tuner, or go on with a search")
    tune.add_argument(
        "space",
        metavar="SPACE",
        help="asher, dropout_and_batch, or FILE.py:FUNCTION for one of your own: a function of hp that returns a compiled model",
    )
    tune.add_argument("--strategy", default="random", help="random (default), bayesian, hyperband or grid")
    tune.add_argument("--trials", type=int, help="how many settings to try (default: 20; all of a grid)")
    tune.add_argument("--epochs", type=int, default=5, help="epochs of a trial, for Hyperband the most (default: 5)")
    tune.add_argument("--seed", type=int, default=1, help="of strategy, weights and order (default: 1)")
    tune.add_argument("--workers", type=int, default=1, help="trials at a time on this machine (default: 1)")
    tune.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to run the trials on, tcp://HOST:PORT")
    tune.add_argument("--folder", type=Path, help="where the search lives (default: under build/tuning/)")
    tune.add_argument("--quick", action="store_true", help="search on a small sample of MNIST")

    compare = add("compare", _compare, "print claimed beside ours for some experiments, from their records")
    compare.add_argument("experiment", nargs="+", metavar="EXPERIMENT", help="such as sharpies/cnn-32f")

    verify = add("verify", _verify, "train again what the records say, and compare every number with them")
    verify.add_argument("experiment", nargs="*", metavar="EXPERIMENT", help="such as asher/cnn; all when left out")
    verify.add_argument("--minutes", type=float, help="take the cheapest records first, and about so many minutes")
    verify.add_argument(
        "--at-commit", action="store_true", help="train what differs once more with the code of the record's own commit"
    )

    add("figures", _figures, "draw every figure from the committed records; no training")

    tables = add("tables", _tables, "write the numbers and tables of README and docs from the committed records")
    tables.add_argument("--check", action="store_true", help="change nothing; exit 1 if the README is not current")

    report = add("report", _report, "build the static site from notebooks and records; no training")
    report.add_argument("--folder", type=Path, help="where (default: site/ of the project)")

    read = add("read", _read, "read photos of digits with the shipped reader")
    read.add_argument("photo", nargs="+", metavar="PHOTO", help="image files, or folders to read whole")
    printed = read.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print one JSON list with a row for each digit")
    printed.add_argument(
        "--text", action="store_true", help="print each photo's digits as lines of text, ? for not sure"
    )
    read.add_argument(
        "--show", action="store_true", help="write each photo with its digits and unread ink marked, into ./read/"
    )

    diagnose = add("diagnose", _diagnose, "find out why a model of yours does not read your photos")
    diagnose.add_argument("model", type=Path, metavar="MODEL", help="a file .keras, .h5, .tflite or .onnx")
    diagnose.add_argument(
        "photo", nargs="*", metavar="PHOTO", help="image files, or folders; 7_kitchen.jpg and 7/any.jpg show a 7"
    )
    diagnose.add_argument(
        "--answers", type=_digits, metavar="DIGITS", help="what your own program reads in the photos, such as 88383"
    )
    diagnose.add_argument("--train", action="store_true", help="train a copy on distorted digits too; takes minutes")
    diagnose.add_argument("--json", action="store_true", help="print everything as JSON in place of the text")
    diagnose.add_argument("--page", type=Path, default=Path("diagnosis.html"), help="default: diagnosis.html")

    add("ship", _ship, "put the best trained reader (on validation) into the package")

    export = add("export", _export, "write the shipped reader's network as LiteRT files, for small machines")
    export.add_argument("folder", type=Path, metavar="FOLDER", help="where reader-FORMAT.tflite are written")

    add("data", _data, "find or download the data sets, check them, and say where they are")
    return parser


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; expected a whole number, 0 or more")
    return int(text)


def _digits(text: str) -> list:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} are no digits; expected one for each photo, such as 88383")
    return [int(digit) for digit in text]


def _list(options) -> int:
    from . import study
    from .models import spaces
    from .reports import tables

    for title, names in (
        ("experiments", {row.name: f"{row.title}; {row.source}" for row in study.EXPERIMENTS.values()}),
        ("figures", dict.fromkeys(study.figures(), "")),
        ("tables", dict.fromkeys(tables.TABLES, "")),
        ("search spaces", {name: space.__doc__.splitlines()[0] for name, space in spaces.SPACES.items()}),
    ):
        print(f"{title}:")
        for name, described in names.items():
            print(f"  {name:<40} {described}".rstrip())
    return 0


def _study(options) -> int:
    notebooks = sorted((paths.project_root() / "notebooks").glob("[0-9]*.ipynb"))
    executed = paths.project_root() / "build" / "notebooks"
    for number, notebook in enumerate(notebooks, 1):
        print(f"[{number}/{len(notebooks)}] {notebook.name}", flush=True)
        _execute(notebook, executed)
    status = _figures(options) or _tables(argparse.Namespace(check=False))
    print(
        f"\nLook at:\n  {executed}  (every notebook as it ran just now)\n"
        f"  {paths.figures_dir()}  (the figures of the records)\n"
        f"  {paths.project_root() / 'README.md'}  (claimed beside ours)"
    )
    return status


def _execute(notebook: Path, folder: Path) -> None:
    """Run one notebook top to bottom into ``folder``; its own output is kept only there."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--to=notebook", "--execute", "--ExecutePreprocessor.store_widget_state=False", "--log-level=WARN"]
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", *options, f"--output-dir={folder}", str(notebook)],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise OSError(f"{notebook.name} stopped with an error:\n{done.stderr[-3000:]}")


def _train(options) -> int:
    from . import study

    def say(run, record):
        print(f"{run.experiment.name}, seed {run.seed}: {_summary(record)}", flush=True)

    seeds = None if options.seed is None else [options.seed]
    study.train(options.experiment, seeds=seeds, quick=options.quick, workers=options.workers, say=say)
    return 0


def _verify(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TQDM_DISABLE", "1")
    from . import verify

    table = verify.verified(options.experiment, minutes=options.minutes, at_commit=options.at_commit)
    print("\n" + (table.verdict.value_counts().to_string() if len(table) else "nothing to verify"))
    return int((table.verdict == verify.DIFFERS).any())


def _compare(options) -> int:
    from . import study

    print(study.table(options.experiment).to_string(index=False))
    return 0


def _tune(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from . import data, tuning

    dataset = data.load("mnist", options.quick)
    asked = {
        name: getattr(options, name)
        for name in ("strategy", "trials", "epochs", "seed", "workers", "scheduler", "folder")
    }
    trials = tuning.search(_space(options.space), dataset.x_train, dataset.y_train, **asked)
    print(f"\n{trials.drop(columns=['history', 'error', 'status']).head(10).to_string(index=False)}")
    return int((trials.status == "FAILED").any())


def _space(name: str):
    """A search space of the package, or the function ``FUNCTION`` of ``FILE.py`` for ``FILE.py:FUNCTION``."""
    from .models import spaces
    from .records import named

    file, _, function = name.rpartition(":")
    if not file.endswith(".py"):
        return named(spaces.SPACES, name, "search space")
    if not Path(file).is_file():
        raise ValueError(f"There is no file {file}; expected the Python file that holds the function {function!r}.")
    sys.path.insert(0, str(Path(file).resolve().parent))  # as for a script: it may import what lies beside it
    try:
        module = importlib.import_module(Path(file).stem)
    except Exception as error:
        raise ValueError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    space = getattr(module, function, None)
    if space is None:
        raise ValueError(f"{file} has no {function!r}; expected a function of hp that returns a compiled keras.Model.")
    return space


def _summary(record) -> str:
    metrics, seconds = record.metrics, sum(record.seconds.values())
    if "accuracy" not in metrics:
        return f"{metrics['n']:,} images, {seconds:.1f} s"
    return f"accuracy {metrics['accuracy']:.4f}, {metrics['misses']:,} of {metrics['n']:,} missed, {seconds:.1f} s"


def _figures(options) -> int:
    from . import study
    from .plots import png
    from .reports.sharpies.figures import ladder_animation

    missing, found = 0, study.all_records()
    for name, draw in study.figures().items():
        try:
            content = png(draw(found))
        except study.MissingRecordError as error:
            missing += 1
            print(f"{name} left as it is: {error.args[0]}", file=sys.stderr)
            continue
        with paths.whole_file(paths.figures_dir() / f"{name}.png") as temporary:
            temporary.write_bytes(content)
        print(f"figures/{name}.png")
    with paths.whole_file(paths.figures_dir() / "ladder.gif") as temporary:
        temporary.write_bytes(ladder_animation(found))
    print("figures/ladder.gif")
    return 1 if missing else 0


def _tables(options) -> int:
    from . import study
    from .reports import story

    parts = story.readme_parts(study.all_records())
    root, status = paths.project_root(), 0
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        current = text = page.read_text(encoding="utf-8")
        for name in list(parts):
            start, end = (mark.format(name=name) for mark in README_MARKS)
            if start in current:
                before, rest = current.split(start, 1)
                current = f"{before}{start}\n{parts.pop(name)}{end}{rest.split(end, 1)[1]}"
        if text != current and options.check:
            print(f"{page.name} is not current: run `python -m mnist_study tables` and commit it.", file=sys.stderr)
            status = 1
        elif text != current:
            paths.write_text(page, current)
    if parts:
        marks = README_MARKS[0].format(name=next(iter(parts)))
        raise ValueError(
            f"No page has the line {marks!r}; put it back into README.md or docs/, followed by {README_MARKS[1]!r}."
        )
    return status


def _report(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from . import website
    except ModuleNotFoundError as error:
        raise ValueError(
            f"The site needs {error.name}, which is not installed. Run `pip install 'mnist_study[site]'`, or `make report`."
        ) from error
    folder = website.build(options.folder)
    print(f"Open {folder / 'index.html'} by a double click, or put the folder on any web server.")
    return 0


def _read(options) -> int:
    import json

    from . import reader

    status, chosen, rows = 0, [], []
    for name in map(Path, options.photo):
        inside = reader.photos_in(name) if name.is_dir() else [name]
        if not inside:
            status = 1
            endings = " ".join(reader.SUFFIXES)
            print(f"error: {name} holds no photos; expected files that end in {endings}.", file=sys.stderr)
        chosen += inside
    for path in chosen:
        try:
            page = reader.read(path)
        except (reader.PhotoError, OSError) as error:
            status = 1
            print(f"error: {error}", file=sys.stderr)
            continue
        if options.json:
            rows += _rows(path, page)
        elif options.text:
            print(page.text, flush=True)
        else:
            for one in page:
                print(f"{path}\t{one.answer}\t{one.confidence:.4f}", flush=True)
        if not options.json:
            for one in page.unread:
                print(f"{path}\tunread\t{one.reason}, at {one.box}", file=sys.stderr if options.text else sys.stdout)
        if options.show:
            print(f"written: {_write_marked(page, path)}", file=sys.stderr)
    if options.json:
        print(json.dumps(rows, indent=1))
    return status


def _rows(path: Path, page) -> list[dict]:
    """A flat row for each digit of a page, as ``--json`` prints them."""
    unread = [{"box": one.box, "reason": one.reason} for one in page.unread]
    return [
        {
            "path": str(path),
            "digit": one.digit,
            "sure": one.sure,
            "confidence": round(one.confidence, 4),
            "probabilities": [round(float(share), 4) for share in one.probabilities],
            "box": one.box,
            "unread": unread,
        }
        for one in page
    ]


def _diagnose(options) -> int:
    import json

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from .diagnose import diagnose

    found = diagnose(options.model, options.photo, answers=options.answers, train=options.train)
    paths.write_text(options.page, found.html())
    print(json.dumps(found.to_dict(), indent=1) if options.json else found.text())
    print(f"written: {options.page}", file=sys.stderr)
    if found.trained:
        target = options.page.with_name(f"{options.model.stem}-distorted.keras")
        found.trained[0].save(target)
        print(f"written: {target}", file=sys.stderr)
    return 0


def _write_marked(page, photo: Path) -> Path:
    """``read/NAME.png`` in the working folder, numbered where the name is taken: nothing is overwritten."""
    target, number = Path("read") / f"{photo.stem}.png", 1
    while target.exists():
        number += 1
        target = target.with_name(f"{photo.stem}-{number}.png")
    with paths.whole_file(target) as temporary:
        page.marked().save(temporary, format="PNG")
    return target


def _ship(options) -> int:
    from .reports.reader import runs

    print(f"shipped: {runs.ship()}; {runs.ship_finder()}")
    return 0


def _export(options) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from . import data
    from .reports.reader import runs

    for path in runs.write_all(options.folder, data.load()).values():
        print(f"{path}\t{path.stat().st_size / 1000:,.0f} kB")
    return 0


def _data(options) -> int:
    from . import data

    def counted(dataset):
        return (
            f"{len(dataset.x_train):,} training and {len(dataset.x_test):,} test images, digest {dataset.digest[:12]}"
        )

    sets = {
        "MNIST": lambda: counted(data.load("mnist")),
        "USPS": lambda: counted(data.load("usps")),
        "sharpies": lambda: f"{len(data.load_photos().labels)} photos, digest {data.PHOTOS_DIGEST[:12]}",
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
