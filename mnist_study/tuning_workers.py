"""A search in several processes, on one machine or more: Keras Tuner's chief gives out trials, its workers run them.

``run`` starts them, watches over them, and says how the search gets on. A worker that dies is replaced and goes on with its
trial; a chief that dies is started again and takes up its state; a worker whose whole machine falls silent loses its trial
to another. What they share is the search's folder and the chief's address; every process writes ``logs/NAME.log`` there.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent import futures
from pathlib import Path

import grpc
import pandas as pd
from keras_tuner.src import protos  # the chief's side of Keras Tuner has no public name
from keras_tuner.src.distribute.oracle_chief import OracleServicer

from . import paths, searches, tuning
from .searches import Search, TuningError

DEATHS = 3  # of one process with no trial finished in between: it would die again
PATIENCE = 60.0  # seconds that a silent worker, or a chief that does not answer, is waited for
LEAST_PATIENCE = 5.0
STARTED_BY = "MNIST_STUDY_STARTED_BY"  # the process that watches over this one
ROLE = "KERASTUNER_TUNER_ID"  # Keras Tuner's own variable: "chief", or the name of a worker


def run(
    search: Search, workers: int = 2, chief: str | None = None, patience: float = PATIENCE, say=print
) -> pd.DataFrame:
    """Run a search with several workers, or go on with it; the same call on another machine adds workers there.

    Args:
        search: what, how and where; with ``chief``, its folder is one that all machines share.
        workers: processes on this machine, which share its processor cores evenly.
        chief: ``HOST:PORT`` where the chief listens, or is to listen if HOST is this machine; None for this machine alone.
        patience: seconds that a silent worker or chief is waited for.
        say: takes a line for every finished trial.

    Returns:
        ``searches.table`` of the folder.

    Raises:
        TuningError: if an option makes no sense, the folder cannot be used, three trials in a row fail, or a process dies
            again and again; with the end of its log.
    """
    if workers < 1:
        raise TuningError(f"workers is {workers}; expected 1 or more.")
    if patience < LEAST_PATIENCE:
        raise TuningError(
            f"patience is {patience:g} s; expected {LEAST_PATIENCE:g} or more, for a pulse comes every second."
        )
    if search.only is not None:
        raise TuningError("Settings named one by one (only) are tried in one process: take tuning.run.")
    host, port = _address(chief)
    searches.open_folder(search, search.dataset().digest)
    with contextlib.ExitStack() as held:
        own_chief = chief is None or _can_listen(host, port)
        if own_chief:
            try:
                held.enter_context(searches.alone_in(search.path))
            except TuningError:
                if chief is None:
                    raise
                own_chief = False  # another command has just started it
        if own_chief:
            for path in (_done_path(search.path), _chief_path(search.path)):
                path.unlink(missing_ok=True)
        crew = Crew(search, workers, host, port, own_chief, patience, say)
        try:
            crew.watch()
        finally:
            crew.stop()
    return searches.table(search.path)


def _address(chief: str | None) -> tuple[str, int]:
    if chief is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return "127.0.0.1", free.getsockname()[1]
    host, _, port = chief.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise TuningError(f"The chief's address is {chief!r}; expected HOST:PORT, for example 10.0.0.5:9000.")
    return host, int(port)


def _can_listen(host: str, port: int) -> bool:
    """Whether HOST is this machine and nobody listens there yet: then the chief is ours to start."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True


def threads_per_worker(workers: int) -> int:
    """This machine's cores shared out evenly, at least one each: more would fight for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // workers)


class Crew:
    """The processes of one machine: its workers and, on one machine, the chief."""

    def __init__(self, search: Search, workers: int, host, port, own_chief, patience, say):
        self.search, self.address, self.patience = search, (host, port), patience
        self.threads = threads_per_worker(workers)
        machine = socket.gethostname().split(".")[0].replace("chief", "main")  # "chief" in a name makes a chief
        names = [f"{machine}-{os.getpid()}-{number}" for number in range(1, workers + 1)]
        self.names = ["chief"] * own_chief + names
        self.began, self.deaths, self.processes = time.time(), dict.fromkeys(self.names, 0), {}
        self.progress = searches.Progress(search, say)
        self.say = say

    def watch(self) -> None:
        """Start everyone; return when the chief has finished or, without one here, when all workers were told to stop."""
        for name in self.names:
            self._start(name)
        seen = None
        while self.processes:
            time.sleep(0.2)
            changed = searches.changed(self.search.path)
            if changed != seen:  # reading every row several times a second would cost a core
                seen = changed
                told = len(self.progress.told)
                self.progress.report()
                if len(self.progress.told) > told:
                    self.deaths = dict.fromkeys(self.names, 0)
                searches.stop_after_failures(self.search.path, self.began)
            for name, process in list(self.processes.items()):
                if process.poll() is not None:
                    self._ended(name, process.returncode)
            if "chief" in self.names and "chief" not in self.processes:
                break
        self.progress.report()

    def _start(self, name: str) -> None:
        host, port = self.address
        threads = str(self.threads)
        environment = os.environ | {
            ROLE: name,
            STARTED_BY: str(os.getpid()),
            "KERASTUNER_ORACLE_IP": host,
            "KERASTUNER_ORACLE_PORT": str(port),
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "TQDM_DISABLE": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(_package_root()), os.environ.get("PYTHONPATH")])),
        }
        log = self._log(name)
        log.parent.mkdir(exist_ok=True)
        with log.open("a") as output:
            self.processes[name] = subprocess.Popen(
                self._command(), env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def _command(self) -> list[str]:
        search = self.search
        options = {"strategy": search.strategy, "seed": search.seed, "trials": search.trials, "epochs": search.epochs}
        options |= {"profile": search.profile, "folder": search.path.resolve(), "patience": self.patience}
        command = [sys.executable, "-m", "mnist_study", "tune", search.space]
        return command + [str(part) for name, value in options.items() if value for part in (f"--{name}", value)]

    def _ended(self, name: str, status: int) -> None:
        """A process left on its own: told to stop (0), with an error (1), or killed, and then it is started again."""
        del self.processes[name]
        if status == 0 or _done_path(self.search.path).exists():
            return
        self.deaths[name] += 1
        if status == 1 or self.deaths[name] == DEATHS:
            end = "\n".join(self._log(name).read_text(errors="replace").splitlines()[-25:])
            raise TuningError(
                f"The process {name!r} stopped (exit status {status}), so the search in {self.search.path} was stopped too. "
                f"Finished trials are kept. The end of its log:\n{end}"
            )
        self.say(f"{name} died (exit status {status}) and is started again")
        self._start(name)
        if name == "chief":  # it may have trials left for workers that were told to stop
            for worker in [worker for worker in self.names if worker not in self.processes]:
                self._start(worker)

    def _log(self, name: str) -> Path:
        return self.search.path / "logs" / f"{name}.log"

    def stop(self) -> None:
        """Let those that are left end by themselves for a moment when all is done, then end them."""
        until = time.monotonic() + (5 if _done_path(self.search.path).exists() else 0)
        while any(process.poll() is None for process in self.processes.values()) and time.monotonic() < until:
            time.sleep(0.05)
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _package_root() -> Path:
    return Path(__file__).resolve().parents[1]


def _done_path(folder: Path) -> Path:
    return folder / "done"


def _chief_path(folder: Path) -> Path:
    """Holds the address of the chief that serves this folder, while it does."""
    return folder / "chief"


# --- what each process does --------------------------------------------------------------------------------------


def take_part(search: Search, patience: float = PATIENCE) -> None:
    """Be the chief or the worker that Keras Tuner's environment variables name, until there is nothing more to do."""
    name = os.environ[ROLE]
    address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
    _beat(search.path, name)
    if name == "chief":
        serve(search, address, patience)
        return
    _wait_for_chief(search.path, address, patience)
    tuner = tuning.StudyTuner(search, search.dataset())
    tuner.oracle.stub = PatientStub(address, patience)
    for trial in tuner.search():
        print(f"finished trial {trial}", flush=True)


def _wait_for_chief(folder: Path, address: str, patience: float) -> None:
    """Until this folder has a chief on that port; the chief of another search would give out other trials."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if _chief_path(folder).read_text().rpartition(":")[2] == address.rpartition(":")[2]:
                return
        time.sleep(0.1)
    raise TuningError(
        f"No chief of the search in {folder} listens at {address}; waited {patience:g} s. Start the same command on that "
        f"machine first, with the same folder, or choose another port: what answers there may serve another search."
    )


def _pulse_path(folder: Path, name: str) -> Path:
    return Path(folder) / "workers" / name


def _beat(folder: Path, name: str) -> None:
    """Show the chief every second that this process lives; end it when the one that started it is gone."""
    pulse, parent = _pulse_path(folder, name), os.getppid()
    pulse.parent.mkdir(exist_ok=True)

    def beat():
        while os.getppid() == parent:
            pulse.write_text(
                f"{os.getpid()} {time.time()}"
            )  # not the file's date: some shared folders are slow to show it
            time.sleep(1)
        os._exit(3)

    threading.Thread(target=beat, daemon=True).start()


class Pulses:
    """Which workers have been silent for too long, by this machine's own clock."""

    def __init__(self, folder: Path, patience: float):
        self.folder, self.patience, self.seen = folder, patience, {}

    def silent(self, name: str) -> bool:
        """Whether the worker's pulse has not changed for ``patience`` seconds of watching."""
        try:
            pulse = _pulse_path(self.folder, name).read_text()
        except OSError:
            pulse = None
        if self.seen.get(name, (object(),))[0] != pulse:
            self.seen[name] = pulse, time.monotonic()
        return time.monotonic() - self.seen[name][1] > self.patience


def serve(search: Search, address: str, patience: float) -> None:
    """Be the chief: give out trials until all are finished and every worker is told, or has fallen silent.

    Raises:
        TuningError: if the address is taken, or choosing the next trial's values fails.
    """
    oracle = tuning.StudyTuner(search, None).oracle
    oracle.save()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))  # one call at a time, as Keras Tuner has it
    servicer = OracleServicer(oracle)
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        raise TuningError(
            f"The chief cannot listen at {address} ({error}). Choose another port with --chief."
        ) from error
    server.start()
    try:
        paths.write_text(_chief_path(search.path), address)
        _give_out(oracle, servicer, Pulses(search.path, patience))
        paths.write_text(_done_path(search.path), "every trial is finished\n")
    finally:
        _chief_path(search.path).unlink(missing_ok=True)
        server.stop(grace=2).wait()


def _give_out(oracle, servicer, pulses: Pulses) -> None:
    """Until every trial is finished and every worker told so; the trials of silent ones are run again."""
    while not (servicer.stop_triggered and oracle.finished()):
        time.sleep(0.2)
        if oracle.broken:
            raise TuningError(f"Keras Tuner could not go on; finished trials are kept:\n{oracle.broken}")
        for name in oracle.workers():
            if pulses.silent(name):
                trial = oracle.release(name)
                print(
                    f"{name} has been silent for {pulses.patience:g} s; "
                    + (f"trial {trial} is run again" if trial else "")
                )


class PatientStub:
    """Keras Tuner's connection to the chief, which outlives a restart of the chief.

    Args:
        address: ``HOST:PORT``.
        patience: seconds to wait for an answer, or for a chief.
    """

    def __init__(self, address: str, patience: float):
        quick = [("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 2000)]
        self._address, self._patience = address, patience
        self._stub = protos.get_service_grpc().OracleStub(
            grpc.insecure_channel(address, options=[*quick, ("grpc.enable_http_proxy", 0)])
        )

    def __getattr__(self, name: str):
        method = getattr(self._stub, name)

        def call(request, **_):
            until = time.monotonic() + self._patience
            while True:
                try:
                    return method(request, wait_for_ready=True, timeout=max(0.1, until - time.monotonic()))
                except grpc.RpcError as error:
                    if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                        raise
                    if time.monotonic() >= until:
                        raise TuningError(
                            f"No chief has answered at {self._address} for {self._patience:g} s. Start the same command on "
                            f"that machine first, or check the address and that its port is open."
                        ) from error
                    time.sleep(0.2)

        return call
