"""The pool of worker processes: its environment, deaths, schedulers that run elsewhere."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from mnist_study import paths, workers


def test_importing_it_is_free():
    code = (
        "import sys; from mnist_study import workers; print({'dask', 'distributed', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.project_root(), capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def die_once(path):
    if not os.path.exists(path):
        open(path, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def variables():
    return dict(os.environ)


def test_workers_share_the_cores_and_are_replaced_when_they_die(tmp_path, monkeypatch):
    from distributed import KilledWorker

    monkeypatch.setattr(workers, "threads_per_worker", lambda number: 7)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    before, told = dict(os.environ), []
    with workers.pool(2, say=told.append) as client:
        found = client.run(variables)
        assert len(found) == 2
        for name, value in workers.environment(2).items():
            assert {one[name] for one in found.values()} == {value}
        pids = set(client.run(os.getpid).values())
        assert client.submit(die_once, tmp_path / "died", pure=False, retries=0).result() != os.getpid()
        with pytest.raises(KilledWorker):
            client.submit(die, pure=False, retries=0).result()
        client.wait_for_workers(2)
        after = client.run(variables).values()  # replacements have the same environment
        assert {one["OMP_NUM_THREADS"] for one in after} == {"7"}
        assert len(after) == 2 and set(client.run(os.getpid).values()) != pids
    assert dict(os.environ) == before
    (line,) = told
    assert line.startswith("2 workers; ") and "http://127.0.0.1:" in line


def test_a_worker_that_dies_while_it_starts_is_replaced_too(monkeypatch):
    import psutil

    monkeypatch.setitem(workers.SETTINGS, "distributed.deploy.lost-worker-timeout", "5s")
    with workers.pool(1, say=lambda line: None) as client:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "spawn_main" in " ".join(process.cmdline()):
                        process.kill()
            time.sleep(0.02)
        assert client.submit(pow, 2, 5, pure=False).result(timeout=60) == 32


def test_the_cores_are_shared_evenly(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(8), raising=False)
    assert [workers.threads_per_worker(number) for number in (1, 2, 3, 8, 20)] == [8, 4, 2, 1, 1]


def test_a_scheduler_elsewhere():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=":0"
    ) as there:
        with workers.pool(scheduler=there.scheduler_address, say=lambda line: None) as client:
            assert client.submit(pow, 2, 5, pure=False).result() == 32
        assert there.status.name == "running"  # it is not ours to close


def test_errors_say_how_to_mend_them():
    with pytest.raises(workers.WorkersError, match="expected 1 or more"), workers.pool(0):
        pass
    with pytest.raises(workers.WorkersError, match="start one there with `dask scheduler`"):  # noqa: SIM117
        with workers.pool(scheduler="nonsense://somewhere"):
            pass


def test_a_script_without_a_guard_is_told(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from mnist_study import workers\nwith workers.pool(1):\n    pass\n")
    environment = os.environ | {"PYTHONPATH": str(paths.project_root())}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and 'put the call under `if __name__ == "__main__":`' in done.stderr
