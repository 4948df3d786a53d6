"""Where a portal of a test keeps its data: embedded defaults, or what the run beside `tests.servers` provides."""

import secrets
from urllib.parse import urlsplit, urlunsplit

import psycopg
from redis import Redis

from config.env import load


def has_servers() -> bool:
    """Say whether this run has servers beside it."""
    return bool(load().test_database_url)


def addresses() -> dict[str, str]:
    """Return the variables of a fresh deployment; none where it has embedded defaults."""
    env = load()
    if not env.test_database_url:
        return {}
    name = f"portal_{secrets.token_hex(8)}"
    with psycopg.connect(_renamed(env.test_database_owner_url, "postgres"), autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE bitewing')
    return {
        "BITEWING_DATABASE_URL": _renamed(env.test_database_url, name),
        "BITEWING_DATABASE_OWNER_URL": _renamed(env.test_database_owner_url, name),
        "BITEWING_DATABASE_PLATFORM_URL": _renamed(env.test_database_platform_url, name),
        "BITEWING_REDIS_URL": _renamed(env.test_redis_url, _unused_in_redis(env.test_redis_url)),
        "BITEWING_STORAGE_URL": _below(env.test_storage_url, f"{name}/objects"),
        "BITEWING_KEYRING_URL": _below(env.test_storage_url, f"{name}/keyring"),
    }


def _unused_in_redis(url: str) -> str:
    """Count the databases of the server: of two portals with one, each would take the work of the other."""
    with Redis.from_url(url) as server:
        return str(server.incr("portals"))


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _below(url: str, folder: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{folder}"))
