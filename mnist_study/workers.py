"""A pool of worker processes on Dask, on this machine or wherever a Dask scheduler has its workers.

Dask itself is imported when a pool is opened, not before.
"""

import contextlib
import importlib.util
import logging
import os

DEATHS = 3  # a task that has killed so many workers is given up
SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    "distributed.scheduler.worker-saturation": 1.0,  # no task waits at a busy worker while another one is free
    "distributed.scheduler.worker-ttl": None,  # a long task that holds Python's lock is not a death
    "distributed.deploy.lost-worker-timeout": "60s",  # a worker on its way back is not given up too early
}


class WorkersError(RuntimeError):
    """The workers could not be started or reached."""


def threads_per_worker(number: int) -> int:
    """This machine's cores shared evenly among so many workers, at least one each."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // number)


def environment(number: int) -> dict[str, str]:
    """The environment variables of each of so many workers: its share of the cores, and no chatter."""
    threads = str(threads_per_worker(number))
    return {
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # workers share a GPU's memory
        "TQDM_DISABLE": "1",
    }


@contextlib.contextmanager
def pool(number: int = 2, scheduler: str | None = None, say=print):
    """Open a pool of worker processes; leaving the ``with`` block closes it.

    Each local worker is a process with one thread for tasks and an even share of this machine's cores for the
    arithmetic. A worker that dies is replaced and its task runs again; a task that has killed ``DEATHS`` workers raises
    ``distributed.KilledWorker``. The workers leave by themselves when this process dies.

    Args:
        number: how many processes to start on this machine; 1 or more. Without meaning if ``scheduler`` is given.
        scheduler: address of a running Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers to use instead.
            They need this package, and a ``--nthreads 1`` each.
        say: takes one line with the address of Dask's dashboard.

    Yields:
        A ``distributed.Client``; ``client.submit(function, argument, pure=False, retries=0)`` runs a task.

    Raises:
        WorkersError: if the processes cannot be started, or the scheduler cannot be reached or has no workers.

    Source: https://distributed.dask.org

    Example:
        with workers.pool(2) as client:
            squares = client.gather([client.submit(pow, number, 2) for number in range(10)])
    """
    if number < 1:
        raise WorkersError(f"The number of workers is {number}; expected 1 or more.")
    import dask
    import distributed

    before = dict(os.environ)
    variables = environment(number)
    try:
        with contextlib.ExitStack() as opened:
            # before they are spawned, since OMP_NUM_THREADS is read when a process starts
            opened.enter_context(dask.config.set(SETTINGS | {"distributed.nanny.pre-spawn-environ": variables}))
            address = scheduler or _local_cluster(distributed, opened, number, variables)
            client = opened.enter_context(_client(distributed, address))
            say(_where_to_watch(client))
            yield client
    finally:  # Dask leaves some variables of its workers in this process
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def _local_cluster(distributed, opened: contextlib.ExitStack, number: int, variables: dict):
    try:
        cluster = opened.enter_context(
            distributed.LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
                env=variables,
            )
        )
    except Exception as error:
        raise WorkersError(
            f"The {number} worker processes could not be started ({error}): one of them ended before it was ready. In a "
            f'script, put the call under `if __name__ == "__main__":`, because each process imports the script. Elsewhere, '
            f"make the same call again."
        ) from error
    cluster.adapt(minimum=number, maximum=number)  # starts another worker where one died before it was ready
    return cluster


def _client(distributed, address):
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"No Dask scheduler answers at {address} ({error}). Expected an address such as tcp://10.0.0.5:8786; start one "
            f"there with `dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`."
        ) from error
    try:
        client.wait_for_workers(1, timeout=30)
    except TimeoutError as error:
        client.close()
        raise WorkersError(
            f"The Dask scheduler at {address} has no workers. Start some with `dask worker ADDRESS --nthreads 1`."
        ) from error
    return client


def _where_to_watch(client) -> str:
    number = len(client.nthreads())
    workers = f"{number} worker{'s' if number > 1 else ''}"
    if importlib.util.find_spec("bokeh") is None:
        return f"{workers}; their state is at {client.dashboard_link.removesuffix('status')}info/main/workers.html"
    return f"{workers}; watch them at {client.dashboard_link}"
