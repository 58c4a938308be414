"""The machine: what it is, and who used its processors during a run."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

_PROC = Path("/proc")


def facts(directory: Path) -> dict[str, object]:
    """Processor, memory, system, and what it costs to make 8 kB durable in this directory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "fdatasync_us": _sync_cost(directory),
    }


def _processor() -> str:
    for line in _read(_PROC / "cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _sync_cost(directory: Path) -> float:
    sync = getattr(os, "fdatasync", os.fsync)
    taken = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for i in range(220):
            os.pwrite(file.fileno(), b"x" * 8192, 8192 * (i % 16))
            began = time.perf_counter()
            sync(file.fileno())
            taken.append(time.perf_counter() - began)
    return round(statistics.median(taken[20:]) * 1e6, 1)


class Usage:
    """The processor time between its making and `stop`: of the server, of this program and its children, and
    of anybody else. None of it where there is no /proc."""

    def __init__(self, postmaster: int) -> None:
        self._roots = {"server": postmaster, "bench": os.getpid()}
        self._began, self._start = time.perf_counter(), self._sample()

    def stop(self) -> dict[str, float]:
        """Seconds of the server; how many cores others had on average."""
        # A backend's time is added to its parent's when it is reaped.
        time.sleep(0.2)
        end = self._sample()
        if not end:
            return {}
        taken = time.perf_counter() - self._began
        spent = {name: end[name] - self._start[name] for name in end}
        others = max(0.0, spent["all"] - spent["server"] - spent["bench"]) / taken
        return {"server_cpu_s": round(spent["server"], 2), "other_cores": round(others, 2)}

    def _sample(self) -> dict[str, float]:
        head = _read(_PROC / "stat").partition("\n")[0].split()[1:9]
        if not head:
            return {}
        tick = os.sysconf("SC_CLK_TCK")
        user, nice, system, _idle, _wait, irq, softirq, _steal = map(int, head)
        found = {"all": (user + nice + system + irq + softirq) / tick}
        parents, spent = {}, {}
        for entry in _PROC.iterdir():
            if entry.name.isdigit():
                fields = _read(entry / "stat").rpartition(")")[2].split()
                if fields:
                    pid = int(entry.name)
                    parents[pid] = int(fields[1])
                    # With those of its children that have ended.
                    spent[pid] = sum(map(int, fields[11:15])) / tick
        for name, root in self._roots.items():
            family = {root}
            while more := {p for p, parent in parents.items() if parent in family} - family:
                family |= more
            found[name] = sum(spent.get(pid, 0.0) for pid in family)
        return found


def cpu_seconds(pid: int) -> float:
    """The processor time of one process so far."""
    fields = _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def memory_mb(pid: int) -> float:
    """The resident memory of one process."""
    for line in _read(_PROC / str(pid) / "status").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""
