"""Where it ends: which step still keeps up, and what the first that does not has missed."""

from collections.abc import Callable, Iterable

from tooling.bench.capacity.busy_hour import Step
from tooling.bench.capacity.observed import Spread
from tooling.bench.capacity.schedule import ARRIVALS
from tooling.bench.capacity.watch import LAG

# Studies are viewable so soon after their last instance (p95), searches take at most so many times as long as of a
# portal at rest (p50), and so much of what is offered in a step is answered in it.
READY_S, QIDO_TIMES, ANSWERED = 5.0, 3.0, 0.9


def misses(step: Step, qido_at_rest: Spread) -> list[str]:
    """Say what of the budget a step has missed."""
    found = list(step.failures[:1])
    for kind in ARRIVALS:
        if step.ready[kind] < step.offered[kind]:
            found.append(f"{step.ready[kind]} of {step.offered[kind]} {kind}s became ready")
        share = step.achieved_an_hour(kind) / step.offered_an_hour(kind)
        if share < ANSWERED:
            found.append(f"{kind}s were answered at {share:.0%} of the rate offered")
        lag_s = step.spreads[LAG.format(kind)].p95_s
        if lag_s is not None and lag_s > READY_S:
            found.append(f"a {kind} was viewable after {lag_s:.1f} s (p95)")
    qido_s, rest_s = step.spreads["qido"].p50_s, qido_at_rest.p50_s
    if qido_s is not None and rest_s is not None and qido_s > QIDO_TIMES * rest_s:
        found.append(f"a search took {qido_s / rest_s:.1f} times as long as at rest (p50)")
    return found


def climb(
    levels: Iterable[float], play: Callable[[float], Step], missed: Callable[[Step], list[str]]
) -> list[tuple[Step, list[str]]]:
    """Play busier and busier steps until the first that misses something; return each with what it missed."""
    done = []
    for times in levels:
        step = play(times)
        done.append((step, missed(step)))
        if done[-1][1]:
            break
    return done
