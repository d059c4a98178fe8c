"""A run: what names it, and what makes its record."""

import ast

from mnist_study import paths
from mnist_study import study as experiments
from mnist_study.records import record as records
from mnist_study.training import run as runs


def a_run(small_dataset, name="nust/choices/batch-64", seed=3):
    experiment = experiments.get(name)
    return runs.Run(experiment, experiments.settings_for(experiment, "quick"), seed, small_dataset, "quick")


def test_a_record_stands_where_its_run_says(home, small_dataset):
    run = a_run(small_dataset)
    record = run.record({"n": 1})
    assert records.save(record, paths.results_dir("quick")) == run.path
    assert record.settings["epochs"] == 2 and record.data_digest == small_dataset.digest


def test_no_two_runs_share_a_checkpoint(home, small_dataset):
    names = list(experiments.EXPERIMENTS)
    places = {a_run(small_dataset, name, seed).checkpoint for name in names for seed in (1, 2)}
    assert len(places) == 2 * len(names)


def test_every_kind_of_experiment_has_its_runner():
    assert {experiment.kind for experiment in experiments.EXPERIMENTS.values()} == set(experiments.RUNNERS)
    for module, function in experiments.RUNNERS.values():
        tree = ast.parse((paths.project_root() / "mnist_study" / f"{module}.py").read_text())
        (runner,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
        assert [argument.annotation.id for argument in runner.args.args] == ["Run"]
