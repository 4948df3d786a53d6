"""`dicom_listen`: DICOM by DIMSE, for the portal itself or, with `--forward`, as the gateway of a practice."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import access
from common.command import PortalCommand
from common.errors import DomainError
from outbox import services as outbox
from pacs.dimse import calling, listener
from pacs.dimse.gateway import running as gateway
from pacs.dimse.listener import Listener
from pacs.dimse.promising import Deliverer
from pacs.dimse.serving import PortalDesk

# Threads hand the interpreter over when they wait for bytes; a thread that parses need not be interrupted sooner.
_SWITCH_S = 0.02


class Command(PortalCommand):
    help = "Take and give DICOM objects by DIMSE; with --forward as the gateway of a practice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; with TLS also 0.0.0.0")
        parser.add_argument("--port", type=int, default=listener.DEFAULT_PORT)
        parser.add_argument("--plain", action="store_true", help="without TLS: on loopback or one local address only")
        parser.add_argument("--tls-certificate", type=Path, help="certificate of this server (PEM)")
        parser.add_argument("--tls-key", type=Path, help="its private key (PEM)")
        parser.add_argument("--tls-clients", type=Path, help="authorities or certificates of devices (PEM)")
        gateway.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.setswitchinterval(_SWITCH_S)
        try:
            if options["status"]:
                self.stdout.write(gateway.describe(options["spool"]))
                return
            self._listen(options)
        except DomainError as error:
            raise CommandError(error.full_text) from None

    def _listen(self, options: dict[str, Any]) -> None:
        context = self._tls(options)
        host = options["host"]
        if options["forward"]:
            with gateway.opened(options) as make_desk:
                self._run(Listener(host, options["port"], context, make_desk))
            return
        # What is read once is read now: the first object of a device does not wait a second for it.
        outbox.prepare()
        access.matrix()
        deliverer = Deliverer()
        deliverer.start()
        try:
            self._run(Listener(host, options["port"], context, PortalDesk))
        finally:
            deliverer.stop()

    def _tls(self, options: dict[str, Any]) -> Any:
        """Return how TLS is spoken, or None where no TLS is safe enough and was asked for."""
        files = [options[name] for name in ("tls_certificate", "tls_key", "tls_clients")]
        if options["plain"]:
            listener.require_plain_address(options["host"])
            return None
        if not all(files):
            raise CommandError(
                "Give --tls-certificate, --tls-key and --tls-clients, or --plain on loopback or a local address."
            )
        certificate, key, clients = files
        context = listener.tls_context(certificate=certificate, key=key, clients=clients)
        calling.use_tls(certificate=certificate, key=key, authorities=clients)
        return context

    def _run(self, listening: Listener) -> None:
        port = listening.open()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: listening.stop())
        self.stderr.write(f"Listening for DICOM on {listening.host}, port {port}.")
        listening.run()
