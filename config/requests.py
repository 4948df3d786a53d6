"""Requests that let go of all they hold once they are answered."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Request(WSGIRequest):
    """Django's, without the cycles that its middleware makes of it: they kept each body until the collector came by."""

    def close(self) -> None:
        """Close uploaded files, as ever, and refer to nothing any more."""
        super().close()
        vars(self).clear()


class Handler(WSGIHandler):
    """The WSGI application."""

    request_class = Request
