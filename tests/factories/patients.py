"""Patients and the desk that lets them in."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from django.test import Client

from accounts.models import Tenant
from common.actor import Actor
from common.scope import tenant_scope
from pacs.models import Study
from sharing import patients, proofs, services
from sharing.models import PatientAccess
from tests.factories.cast import make_actor, make_tenant
from tests.factories.sharing import make_study, newest_code

EMAIL = "patient@home.example"
ADDRESS = "192.0.2.1"


@dataclass(frozen=True)
class Admitted:
    """A patient with a paper in hand."""

    tenant: Tenant
    desk: Actor
    study: Study
    access_id: UUID
    code: str


def admit(tenant: Tenant | None = None, study: Study | None = None) -> Admitted:
    """Let the patient of a study in."""
    home = tenant or make_tenant()
    desk = make_actor(home, "technician")
    imaged = study or make_study(home)
    slip = services.admit_patient(actor=desk, study_id=imaged.id)
    return Admitted(home, desk, imaged, slip.access_id, slip.code)


def present(admitted: Admitted, *, code: str | None = None, address: str = ADDRESS) -> str:
    """Type the code of the paper in a fresh browser; return the nonce of that browser."""
    nonce = proofs.new_secret()
    services.present_code(code=admitted.code if code is None else code, email=EMAIL, nonce=nonce, address=address)
    return nonce


def wrong_half(code: str, number: int) -> str:
    """Return a code with the same first half and another second one."""
    return f"{code[:9]}{number:04d}-0000"


def enter(admitted: Admitted) -> services.Entered:
    """Go all the way in."""
    nonce = present(admitted)
    return services.confirm_mail_code(access_id=admitted.access_id, nonce=nonce, code=newest_code())


def actor_of(entered: services.Entered) -> Actor:
    """Return the patient of a session as who acts, as the cookie does."""
    visit = patients.get_visit(session_id=entered.session_id, secret=entered.secret)
    assert visit is not None
    plain = patients.patient_actor(tenant_id=visit.tenant_id, access_id=visit.access_id)
    return replace(plain, grant=visit.grant, recheck=partial(patients.still_holds, visit.session_id))


def change_access(admitted: Admitted, **values: object) -> None:
    """Change the row of an access behind the back of this process, as another process would."""
    with tenant_scope(admitted.tenant.id):
        PatientAccess.objects.filter(id=admitted.access_id).update(**values)


def walk_in(client: Client, admitted: Admitted) -> Client:
    """Enter with a browser: the paper, the mail."""
    client.get("/p/")
    client.post("/p/enter", {"code": admitted.code, "email": EMAIL})
    client.post("/p/code", {"code": newest_code()})
    return client
