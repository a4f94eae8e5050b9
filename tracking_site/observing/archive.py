"""What dead processes counted, folded into one file, so that recycling leaves no heap of files.

Called by gunicorn's master alone, which learns of every death; readers may see a value of the
dead process twice for as long as the fold takes (a millisecond), and never lose it.
"""

from pathlib import Path
from time import time

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead

from .minutes import keep_dead_ring

_KINDS = ("counter", "histogram")


def bury(pid: int, folder: Path) -> None:
    """Fold the files of a process that is gone into `<kind>_0.db`; its live gauges go."""
    mark_process_dead(pid, str(folder))
    keep_dead_ring(pid, folder, time())
    for kind in _KINDS:
        dead, kept = folder / f"{kind}_{pid}.db", folder / f"{kind}_0.db"
        if not dead.exists():
            continue
        folded = folder / f"{kind}_0.folding"
        folded.unlink(missing_ok=True)
        _fold([path for path in (kept, dead) if path.exists()], folded)
        folded.rename(kept)
        dead.unlink()


def _fold(paths: list[Path], into: Path) -> None:
    values: dict[str, float] = {}
    for path in paths:
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(path)):
            values[key] = values.get(key, 0.0) + value
    written = MmapedDict(str(into))
    try:
        for key, value in values.items():
            written.write_value(key, value, 0.0)
    finally:
        written.close()
