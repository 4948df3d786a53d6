"""`demo`: from an empty checkout to a running portal with its cast, in the foreground."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils.text import slugify

from config.demo import cast, root_key, seed
from config.env import ROOT, child_environment

STOP_S = 8.0


class Command(BaseCommand):
    help = "Run the demo on embedded defaults."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--dicom", default="", help="a folder whose studies are imported as well")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        base = f"http://127.0.0.1:{options['port']}"
        environment = child_environment({"BITEWING_DEMO": "1", "BITEWING_BASE_URL": base})
        self._say("Preparing the demo: database, keys and people ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        has_new_key = root_key.open_vault()
        seed.seed_people()
        children = [self._start(environment, name) for name in ("serve", "worker")]
        filling = threading.Thread(target=self._fill, args=(options["dicom"], stop), daemon=True)
        filling.start()
        self._greet(base)
        if has_new_key:
            path = settings.BITEWING_ROOT_KEY_URL.partition(":")[2]
            self._say(f"The key of all images was made: {path}. Without it none can be read; keep a copy of it.\n")
        while not stop.is_set() and all(child.poll() is None for child in children):
            stop.wait(0.5)
        was_asked = stop.is_set()
        stop.set()
        self._end(children)
        # The store may be in the middle of a batch, which nothing has acknowledged: it is swept later.
        os._exit(0 if was_asked else 1)

    @staticmethod
    def _start(environment: dict[str, str], name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(ROOT / "manage.py"), name], env=environment)  # noqa: S603  our own

    def _fill(self, folder: str, stop: threading.Event) -> None:
        seed.seed_networks()
        self._say("storing the synthetic studies ...")
        seed.seed_studies()
        if folder and not stop.is_set():
            path = Path(folder).expanduser()
            if not path.is_dir():
                self._say(f"DICOM={folder} is not a folder; nothing was imported.")
                return
            try:
                call_command("import_dicom", str(path), tenant=slugify(cast.LAKESIDE))
            except SystemExit:
                self._say("some files were refused: see the list above.")
        self._say("all studies are in.")

    @staticmethod
    def _end(children: list[subprocess.Popen[bytes]]) -> None:
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()

    def _greet(self, base: str) -> None:
        self._say(f"\nBitewing runs on {base}/  (Ctrl-C ends it)")
        self._say(f"  mails of the demo    {base}/demo/mail/")
        for person in cast.PEOPLE:
            self._say(f"  {', '.join(person.roles):20} {person.tenant:20} {base}/demo/sign-in/{person.key}/")
        self._say(f"  with a password      {cast.PASSWORD}; codes are shown on {base}/demo/sign-in/\n")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
