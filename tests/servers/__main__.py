"""Run a command beside PostgreSQL, Redis and an S3 store: `python -m tests.servers -- pytest`."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from config.env import ROOT, child_environment
from tests.servers import redis, s3
from tests.servers.postgres import Postgres, postgres
from tests.servers.process import ServerError

BUCKET = "bitewing"


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Run all three until the block ends; yields the variables by which the suite finds them."""
    redis_program, s3_program = redis.program(), s3.program()
    if redis_program is None or s3_program is None:
        raise ServerError("Redis or the S3 store is not installed: run `make setup`")
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        redis_url = stack.enter_context(redis.redis(redis_program))
        store = stack.enter_context(s3.s3(s3_program))
        store.create_bucket(BUCKET)
        _migrate(database)
        yield {**database.environment(), **store.environment(BUCKET), "BITEWING_TEST_REDIS_URL": redis_url}


def _migrate(database: Postgres) -> None:
    """Migrate the database of which every test process and every portal of a test gets a copy."""
    with tempfile.TemporaryDirectory(prefix="bitewing-migrate-") as scratch:
        addresses = {
            "BITEWING_DATABASE_URL": database.app_url,
            "BITEWING_DATABASE_OWNER_URL": database.owner_url,
            "BITEWING_DATABASE_PLATFORM_URL": database.platform_url,
            "BITEWING_DATA_DIR": scratch,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        }
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(command, env=child_environment(addresses), check=True, cwd=ROOT)


def main(words: list[str]) -> int:
    """Run the command; return its exit status."""
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        sys.exit("usage: python -m tests.servers -- COMMAND...")
    with servers() as addresses:
        return subprocess.run(words, env={**os.environ, **addresses}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
