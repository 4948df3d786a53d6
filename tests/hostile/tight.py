"""The portal with limits that a test can reach: 4 MiB and two seconds instead of 8 GiB and half a minute."""

from functools import partialmethod

from config.wsgi import application
from pacs.dicomweb import body

__all__ = ["application"]

body.MAX_BODY_BYTES = 4 << 20
# The default of the argument is bound when the module is read.
body.Body.__init__ = partialmethod(body.Body.__init__, grace_s=2.0)  # type: ignore[assignment, method-assign]
