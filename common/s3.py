"""The client of an S3 store, as boto3 makes it, with limits."""

from typing import Any


def make_client(*, attempts: int, endpoint: str | None = None, region: str | None = None, **options: Any) -> Any:
    """Return a client; what it is not told it finds where boto3 looks.

    Parameters
    ----------
    attempts
        How often a request is sent at most.
    options
        Further ones of botocore's `Config`.
    """
    # Most deployments have no such store, and the library takes half a second.
    import boto3
    from botocore.config import Config
    from botocore.handlers import add_expect_header

    config = Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": attempts},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        **options,
    )
    client = boto3.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    # A line that breaks inside "100 Continue" makes botocore read for ever: bodies are sent without asking first.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    return client
