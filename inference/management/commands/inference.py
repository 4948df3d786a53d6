"""`inference`: take networks in, score them, and prove that they cannot get out."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser

from accounts import services as accounts
from common.actor import system_actor
from common.command import PortalCommand
from common.errors import DomainError
from common.scope import tenant_scope
from inference import evaluating, isolation, selectors, services
from inference.evaluating import Candidate
from inference.networks.errors import ManifestError
from inference.networks.manifest import ImageKind


class Command(PortalCommand):
    help = "Networks: import one, evaluate one on annotated images, prove that their processes are isolated."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        take = verbs.add_parser("import", help="check a network's folder and keep it for a tenant")
        take.add_argument("folder", type=Path)
        take.add_argument("--tenant", required=True, help="slug of the tenant")
        score = verbs.add_parser("evaluate", help="score a network on images with COCO annotations")
        score.add_argument("--images", type=Path, required=True)
        score.add_argument("--annotations", type=Path, required=True)
        score.add_argument("--network", default="", help="a folder, or the name of a network that came with the portal")
        score.add_argument("--json", action="store_true", dest="as_json")
        teach = verbs.add_parser(
            "training_images", help="list the images that may be used for training now, a line each"
        )
        teach.add_argument("--tenant", required=True, help="slug of the tenant")
        teach.add_argument("--kind", choices=[kind.value for kind in ImageKind], default="")
        prove = verbs.add_parser("prove_isolation", help="try to leave a network's process, and show what stopped it")
        prove.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {
            "import": self._import,
            "evaluate": self._evaluate,
            "training_images": self._training_images,
            "prove_isolation": self._prove,
        }
        try:
            verbs[options["verb"]](options)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error}") from None

    def _import(self, options: dict[str, Any]) -> None:
        tenant_id = accounts.tenant_id_of_slug(options["tenant"])
        files = services.read_folder(options["folder"])
        network_id = services.import_network(actor=system_actor(tenant_id), files=files)
        with tenant_scope(tenant_id):
            row = selectors.get_network(network_id=network_id)
        self.stdout.write(f"{row.name} {row.version}")

    def _evaluate(self, options: dict[str, Any]) -> None:
        candidate = self._candidate(options["network"])
        try:
            annotations = json.loads(options["annotations"].read_bytes())
            result = evaluating.evaluate(candidate, images=options["images"], annotations=annotations, tell=self._tell)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        if options["as_json"]:
            self.stdout.write(orjson.dumps(result).decode())
            return
        self.stdout.write(f"AP50 {_figure(result['AP50'])}  AP50-95 {_figure(result['AP50_95'])}")
        for name, figures in result["per_class"].items():
            self.stdout.write(f"  {name:24} AP50 {_figure(figures['AP50'])}  {figures['boxes']} boxes")
        self.stdout.write(f"{result['ms_per_image']:.1f} ms an image")

    def _training_images(self, options: dict[str, Any]) -> None:
        actor = system_actor(accounts.tenant_id_of_slug(options["tenant"]))
        for image in services.list_training_images(actor=actor, kind=options["kind"]):
            self.stdout.write(orjson.dumps(asdict(image)).decode())

    @staticmethod
    def _candidate(named: str) -> Candidate:
        bundled = {folder.name: folder for folder in services.list_bundled()}
        if not named and not bundled:
            raise ManifestError("no network comes with this portal: name a folder with --network")
        folder = bundled.get(named) or (Path(named) if named else next(iter(bundled.values())))
        return Candidate.of_files(services.read_folder(folder))

    def _tell(self, done: int, total: int) -> None:
        if self.stderr.isatty() and (done % 20 == 0 or done == total):
            self.stderr.write(f"\r{done} of {total}", ending="\n" if done == total else "")

    def _prove(self, options: dict[str, Any]) -> None:
        proof = isolation.prove()
        if options["as_json"]:
            self.stdout.write(orjson.dumps(proof).decode())
        else:
            self.stdout.write(f"{_WALLS[proof['wall']]}\n")
            self.stdout.write(f"{'attempt':28}{'in a network child':40}here")
            for name, answer in proof["inside"].items():
                self.stdout.write(f"{name:28}{answer:40}{proof['outside'][name]}")
            self.stdout.write("\nIt holds." if proof["holds"] else "\nIt does not hold.")
        if not proof["holds"]:
            raise SystemExit(1)


_WALLS = {
    "namespace": "Networks run in a network namespace of their own, which is empty; system calls are filtered as well.",
    "filter": "This kernel grants no network namespace; system calls for networks are refused by a filter.",
    "guard": "This kernel grants neither a namespace nor a filter: only Python's own sockets are stopped.",
}


def _figure(value: float | None) -> str:
    return "   –" if value is None else f"{value:.3f}"
