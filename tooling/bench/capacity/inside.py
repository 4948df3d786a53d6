"""What is done by the portal's own code, in processes beside it."""

from concurrent.futures import ThreadPoolExecutor

from tooling.bench.capacity.sizes import Sizes
from tooling.bench.targets import Target

_MODULES = ("rows", "counting")
# One puts rows together while the database writes those of the other; a process starts for no fewer rows than this.
_WRITERS, _LEAST = 2, 1000


class Inside:
    """Calls functions of `rows` and `counting` for the target's tenant."""

    def __init__(self, target: Target) -> None:
        assert target.manage is not None
        self._manage, self._slug = target.manage, target.tenant

    def _run(self, *calls: str) -> str:
        """Call functions that are given without what comes first, the tenant."""
        lines = [f"from tooling.bench.capacity.{name} import *" for name in _MODULES]
        lines += [call.replace("(", f"({self._slug!r}, ", 1) for call in calls]
        return self._manage("shell", "--verbosity=0", "--command", "\n".join(lines))

    def add_sites(self, sites: int) -> Sizes:
        """Give the tenant its sites, and return the sizes."""
        return Sizes.read(self._run(f"add_sites({sites})", "tell()"))

    def fill(self, first: int, last: int, total: int) -> None:
        """Write the rows of these studies of the year, the last one included."""
        size = max(_LEAST, -(-(last - first + 1) // _WRITERS))
        begins = range(first, last + 1, size)
        calls = [f"add_studies({begin}, {min(begin + size - 1, last)}, {total})" for begin in begins]
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(self._run, calls))

    def sizes(self) -> Sizes:
        """Return the sizes."""
        return Sizes.read(self._run("tell()"))
