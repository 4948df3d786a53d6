"""Which probes there are: each is a named function under the id of its definition."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final
from uuid import UUID

from common import logs
from common.scope import tenant_scope
from compliance.evidence import definitions
from compliance.evidence.reading import Measured, Reading, UnmeasurableError, judge
from compliance.models import Verdict

log = logs.get("compliance")

Probe = Callable[[UUID], Measured]
_probes: Final[dict[str, Probe]] = {}


def probe(probe_id: str) -> Callable[[Probe], Probe]:
    """Register a function as the probe of a definition; it runs inside the scope of the tenant that it is given."""

    def register(function: Probe) -> Probe:
        if probe_id in _probes:
            raise ValueError(f"two functions for the probe {probe_id}")
        _probes[probe_id] = function
        return function

    return register


@lru_cache(maxsize=1)
def all_probes() -> dict[str, Probe]:
    """Return every probe by its id, in the order of the definitions."""
    package = import_module("compliance.evidence.probes")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return {
        definition_id: _probes[definition_id]
        for definition_id in definitions.all_definitions()
        if definition_id in _probes
    }


def read(probe_id: str, *, tenant_id: UUID) -> Reading:
    """Run one probe in a scope of its own; whatever it raises becomes a reading that says so.

    On PostgreSQL the scope is a transaction: a probe that breaks it breaks no other.
    """
    definition = definitions.all_definitions()[probe_id]
    try:
        with tenant_scope(tenant_id):
            found = all_probes()[probe_id](tenant_id)
    except UnmeasurableError as reason:
        return Reading(None, Verdict.UNMEASURED, str(reason))
    except Exception as error:  # noqa: BLE001  one failing probe never stops the others; its reading names the error
        log.error("probe.failed", code=probe_id, error_type=type(error).__name__)
        return Reading(None, Verdict.UNMEASURED, f"The measurement failed ({type(error).__name__}).")
    return Reading(found.value, found.verdict or judge(found.value, definition.pass_rule), found.detail)
