"""Where tests keep files that are gone when they end."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 (only as the place for temporary folders)
_ENOUGH_BYTES = 1_000_000_000

IN_MEMORY = _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES else None
"""A folder whose files never wait for a disk; None, the usual temporary folder, where there is not room for all."""
