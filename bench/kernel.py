"""What a process and its children cost, by the kernel's own accounting (proc(5): schedstat, smaps_rollup)."""

from pathlib import Path

_PROC = Path("/proc")


def tree(pid: int) -> list[int]:
    """Give a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def cpu(pids: list[int]) -> float:
    """Give the microseconds that every thread of these processes has run on a core."""
    nanoseconds = 0
    for pid in pids:
        for thread in (_PROC / str(pid) / "task").iterdir():
            try:
                nanoseconds += int((thread / "schedstat").read_text().split()[0])
            except OSError:  # it ended in between
                continue
    return nanoseconds / 1000


def memory(pids: list[int]) -> float:
    """Give the MiB that these processes hold; what they share is counted once (proportional set size)."""
    kibibytes = 0
    for pid in pids:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes / 1024
