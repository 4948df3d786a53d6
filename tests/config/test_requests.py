"""What a request held is let go of when it is answered, not when the garbage collector comes by."""

import io
import threading
import weakref
from typing import Any

import pytest
from django.test import RequestFactory

from accounts import services as accounts
from config.requests import Handler
from pacs.dicom.phantom import make_uid
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_collector")]

_STOW = 'multipart/related; type="application/dicom"; boundary=edge'


class Input(io.BytesIO):
    """The body of a request as a server has it; a weak reference tells whether somebody refers to it still."""


class Served:
    """One request to the application, as a server makes it, with the collector off."""

    def __init__(self, environ: dict[str, Any], content: bytes) -> None:
        body = Input(content)
        self._left = weakref.ref(body)
        self.status = ""
        answer = Handler()({**environ, "CONTENT_LENGTH": str(len(content)), "wsgi.input": body}, self._begin)
        self.content = b"".join(answer)
        answer.close()
        # Whoever fetched the body ends by itself, which may be a moment later.
        for thread in threading.enumerate():
            if thread.name == "body":
                thread.join(60)

    @property
    def is_body_there(self) -> bool:
        return self._left() is not None

    def _begin(self, status: str, _headers: Any, _error: Any = None, /) -> Any:
        self.status = status


@pytest.fixture
def api() -> RequestFactory:
    """Requests of somebody who may store and read."""
    tenant = make_tenant()
    make_study(tenant.id, "known", 2)
    scopes = ("dicomweb.read", "dicomweb.write")
    token = accounts.create_token(actor=make_actor(tenant, "owner"), name="t", scopes=scopes)
    return RequestFactory(headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(("path", "status"), [("/healthz", "200"), ("/sign-in/", "200"), ("/studies/", "302")])
def test_the_body_of_a_stranger_is_let_go(path: str, status: str) -> None:
    served = Served(RequestFactory().get(path).environ, b"x" * 100)
    assert (served.status[:3], served.is_body_there) == (status, False)


def test_the_body_of_a_stored_image_is_let_go(api: RequestFactory) -> None:
    body = b"--edge\r\nContent-Type: application/dicom\r\n\r\n" + make_dicom("new", 1) + b"\r\n--edge--\r\n"
    served = Served(api.post("/dicom-web/studies", body, content_type=_STOW).environ, body)
    assert (served.status[:3], served.is_body_there) == ("200", False)


def test_a_streamed_answer_is_whole_before_its_request_is_let_go(api: RequestFactory) -> None:
    accepted = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    address = f"/dicom-web/studies/{make_uid('known', 'study')}"
    served = Served(api.get(address, headers=accepted).environ, b"")
    assert (served.status[:3], served.is_body_there) == ("200", False)
    assert served.content.count(b"DICM") == 2
