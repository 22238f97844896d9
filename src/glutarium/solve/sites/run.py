"""Many sites side by side, each with its own time and step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.lanes import LaneOptions, default_threads
from glutarium.solve.methods import METHODS
from glutarium.solve.sites.blocks import Code
from glutarium.solve.sites.start import Start
from glutarium.solve.sites.task import Task
from glutarium.solve.sites.threads import Queue, run_threads
from glutarium.solve.sites.yard import CAPACITY, Yard

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from glutarium.kernel import Array, Coupling, LaneKernel
    from glutarium.solve.sites.site import Site, SiteRun, Steward

__all__ = ["run_sites"]


def run_sites(  # noqa: PLR0913 - one argument per thing that may be said about sites
    kernel: LaneKernel,
    coupling: Coupling,
    sites: Sequence[Site],
    stewards: Sequence[Steward],
    times: Array,
    *,
    options: LaneOptions | None = None,
    atol: Array,
    positive: npt.NDArray[np.bool_] | None = None,
    moieties: Array | None = None,
    observables: bool = True,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[SiteRun]:
    """Advance sites; what comes of one does not depend on the others.

    Parameters
    ----------
    kernel, coupling
        The model, and the elimination of what its systems do not share.
    sites, stewards
        The sites, all with as many zones, and who looks after each.
    times
        Times to report, h, increasing, shape ``(n_times,)``; the first one is the start. Steps end there.
    options, atol, positive
        As of :func:`glutarium.solve.lanes.run_batch`; tolerances have shape ``(n_states,)``.
    moieties
        As of :func:`glutarium.solve.lanes.run_batch`, for every cell with what it shares.
    observables
        Whether observables are reported instead of states.
    threads
        How many; the cores of this process by default. They do not change the result. Stewards of different
        sites are called from different threads.
    progress
        Called now and then with the number of sites that are done.

    Returns
    -------
    list of SiteRun
        One per site.
    """
    options = options or LaneOptions()
    floor = -np.asarray(atol, dtype=np.float64)
    if positive is not None:
        floor[~np.asarray(positive)] = -np.inf
    code = Code(kernel, coupling, METHODS[options.method], options.rtol, np.array(atol), floor)
    start = Start(kernel.state_names, floor, moieties)
    times = np.asarray(times, dtype=np.float64)
    pairs = enumerate(zip(sites, stewards, strict=True))
    queue = Queue(Task(i, site, steward) for i, (site, steward) in pairs)
    found: dict[int, SiteRun] = {}

    def tell() -> None:
        if progress is not None:
            progress(len(found))

    lanes = max(CAPACITY, *(len(site.zone) for site in sites), 0)
    count = max(1, min(threads or default_threads(), len(sites)))

    def work(halt: threading.Event) -> None:
        yard = Yard(code, options, times, start, lanes, observables=observables)
        while not halt.is_set():
            while (task := queue.take(yard.admits)) is not None:
                yard.admit(task)
            if not yard.active:
                return
            for task in yard.round():
                found[task.position] = task.result(times)
            if count == 1:
                tell()

    run_threads(work, count, tell)
    return [found[i] for i in range(len(sites))]
