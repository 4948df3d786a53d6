"""The addresses of the portal, as its own resolver knows them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Route:
    """One address, and the names of the ids in it."""

    name: str
    template: str
    ids: tuple[str, ...]

    def paths(self, values: Mapping[str, Sequence[Any]]) -> Iterator[str]:
        """Fill in every combination of ids; an id that the values do not name is an error of the test."""
        for chosen in product(*(values[name] for name in self.ids)):
            yield "/" + self.template.format(**dict(zip(self.ids, chosen, strict=True)))


def all_routes() -> list[Route]:
    """List every address of the portal; patterns that are regular expressions catch what is no address."""
    return list(_walk(get_resolver(), ""))


def with_ids() -> list[Route]:
    """List the addresses that name something."""
    return [route for route in all_routes() if route.ids]


def without_ids() -> list[Route]:
    """List the addresses that are the same for everybody: pages, lists, searches."""
    return [route for route in all_routes() if not route.ids]


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, before + str(entry.pattern))
        elif isinstance(entry.pattern, RoutePattern):
            yield _route(entry, before)


def _route(entry: URLPattern, before: str) -> Route:
    ids = tuple(entry.pattern.converters)
    template = before + str(entry.pattern)
    # `<uuid:study_id>` as a field of `str.format`.
    for name in ids:
        start = template.index(f"{name}>")
        template = template[: template.rindex("<", 0, start)] + f"{{{name}}}" + template[start + len(name) + 1 :]
    return Route(entry.name or template, template, ids)
