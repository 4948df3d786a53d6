"""What a request held is let go of when it is answered, not when the garbage collector comes by."""

import gc
import io
import weakref
from typing import Any

import pytest
from django.test import RequestFactory

from config.requests import Handler

pytestmark = pytest.mark.django_db


class Input(io.BytesIO):
    """The body of a request as a server has it; a weak reference tells whether somebody refers to it still."""


def begin(_status: str, _headers: Any, _error: Any = None, /) -> Any:
    """Begin an answer as a server would."""


@pytest.mark.parametrize("path", ["/healthz", "/sign-in/", "/dicom-web/studies"])
def test_the_body_of_an_answered_request_is_let_go(path: str) -> None:
    handler = Handler()
    body = Input(b"x" * 100)
    left = weakref.ref(body)
    environ = {**RequestFactory().get(path).environ, "CONTENT_LENGTH": "100", "wsgi.input": body}
    del body
    gc.collect()
    gc.disable()
    try:
        answer = handler(environ, begin)
        list(answer)
        answer.close()
        del environ, answer
        assert left() is None
    finally:
        gc.enable()
