"""Reads of the outbox."""

from outbox.models import OutboxMessage


def count_waiting() -> int:
    """Count the messages of the open tenant that are not delivered yet."""
    return int(OutboxMessage.objects.filter(done_at=None, failed_at=None).count())
