"""Ask every address by every method, and say which answers are not what a stranger may get."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests.isolation.routes import METHODS, Route
from tests.isolation.world import Victim, leaks
from tests.pacs.dicomweb.requests import CONTENT_TYPE, content_of

# What each form of the portal would need to go through, if nobody asked who sent it.
FORM = {
    "email": "x@example.org",
    "name": "x",
    "rights": "download_dicom",
    "days": "14",
    "observations": "x",
    "action": "sign",
    "secret": "x" * 43,
    "code": "12345678",
}
# The first page of a link, an invitation and a new password is the same for every address, known or not: a scanner of
# mails learns nothing from it.
SAME_FOR_ALL = {(name, method) for name in ("landing", "invitation", "reset") for method in ("GET", "HEAD")}
_ALWAYS = ("GET", "POST")
_IN_TURN = tuple(method for method in METHODS if method not in _ALWAYS)
STOW = "dicom-web/studies/{study}"


@dataclass(frozen=True)
class Cell:
    """One question."""

    route: Route
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.route.template}"


@dataclass(frozen=True)
class Answer:
    """What came back, headers and body."""

    status: int
    location: str
    text: str


def cells(routes: Iterable[Route], victim: Victim, turn: int | None = None) -> Iterator[Cell]:
    """List every address of the victim's things by every method.

    Parameters
    ----------
    turn
        Of somebody who asks by GET, POST and one of the others, another one at each turn and address: five turns ask
        by all of them.
    """
    for number, route in enumerate(routes):
        methods = METHODS if turn is None else (*_ALWAYS, _IN_TURN[(turn + number) % len(_IN_TURN)])
        for path in route.paths(victim.ids):
            yield from (Cell(route, method, path) for method in methods)


def ask(client: Client, cell: Cell) -> Answer:
    """Send one request."""
    response = _send(client, cell)
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    body = content_of(response).decode("latin-1")
    return Answer(int(response.status_code), response.get("Location", ""), f"{headers}\n{body}")


def _send(client: Client, cell: Cell) -> Any:
    if cell.method != "POST":
        return client.generic(cell.method, cell.path)
    if cell.path.startswith("/dicom-web/"):
        # No part of it is readable: one that is would make a study of the same UIDs in the sender's own tenant.
        return client.generic("POST", cell.path, b"not multipart", content_type=CONTENT_TYPE)
    return client.post(cell.path, FORM)


def breaches(
    client: Client, routes: Iterable[Route], victim: Victim, *, may_store: bool, turn: int | None = None
) -> dict[str, str]:
    """Name the questions about a foreign thing that were not answered as one about nothing at all."""
    found = {}
    for cell in cells(routes, victim, turn):
        answer = ask(client, cell)
        leaked = leaks(answer.text, victim.secrets, cell.path)
        expected = _expected(cell, may_store=may_store)
        if answer.status != expected or leaked:
            found[str(cell)] = f"{answer.status} instead of {expected} {leaked}"
    return found


def _expected(cell: Cell, *, may_store: bool) -> int:
    if (cell.route.name, cell.method) in SAME_FOR_ALL:
        return 200
    if may_store and cell.method == "POST" and cell.route.template == STOW:
        # Who may store may begin a study of any UID in his own tenant: refused is only the body.
        return 400
    return 404


def uninvited(client: Client, routes: Iterable[Route], victim: Victim) -> dict[str, str]:
    """Name the questions that were answered to somebody without any credential."""
    found = {}
    for cell in cells(routes, victim):
        answer = ask(client, cell)
        leaked = leaks(answer.text, victim.secrets, cell.path)
        if leaked or not _turns_away(cell, answer):
            found[str(cell)] = f"{answer.status} {answer.location} {leaked}"
    return found


def _turns_away(cell: Cell, answer: Answer) -> bool:
    if (cell.route.name, cell.method) in SAME_FOR_ALL:
        return answer.status == 200
    if cell.path.startswith("/dicom-web/"):
        return answer.status == 401
    if cell.path.startswith("/uploads/"):
        return answer.status == (401 if cell.method == "POST" else 404)
    return answer.status == 404 or answer.location.startswith("/sign-in/")


def faults(client: Client, routes: Iterable[Route], victim: Victim, turn: int | None = None) -> dict[str, int]:
    """Name the questions that were answered as if the portal itself were broken."""
    statuses = {str(cell): ask(client, cell).status for cell in cells(routes, victim, turn)}
    return {question: status for question, status in statuses.items() if status >= 500}


def unread(client: Client, routes: Iterable[Route], victim: Victim) -> dict[str, int]:
    """Name the addresses that somebody cannot read, with the status of the answer."""
    asked = [cell for cell in cells(routes, victim) if cell.method == "GET"]
    statuses = {cell.route.template: ask(client, cell).status for cell in reversed(asked)}
    return {template: status for template, status in statuses.items() if status not in {200, 302}}
