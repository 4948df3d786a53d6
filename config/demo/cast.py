"""Who plays in the demo: two tenants that never see each other, and their people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One demo person; `key` stands in the one-click address."""

    key: str
    name: str
    email: str
    tenant: str
    roles: tuple[str, ...]
    also_at: tuple[str, ...] = ()


LAKESIDE = "Lakeside Imaging"
HARBOR = "Harbor Dental Group"
PASSWORD = "bitewing-demo-only"  # noqa: S105  printed by the demo, which binds to loopback only
# RFC 6238's own test key: the demo's sign-in page shows its present code.
TOTP_KEY = "3132333435363738393031323334353637383930"


def _person(tenant: str, key: str, name: str, *roles: str) -> Person:
    domain = "lakeside.example" if tenant == LAKESIDE else "harbor.example"
    return Person(key=key, name=name, email=f"{key.split('-', maxsplit=1)[0]}@{domain}", tenant=tenant, roles=roles)


PEOPLE = (
    _person(LAKESIDE, "owner", "Olive Owens", "owner"),
    _person(LAKESIDE, "administrator", "Ada Marsh", "administrator"),
    _person(LAKESIDE, "technician", "Theo Quist", "technician"),
    _person(LAKESIDE, "radiologist", "Dr. Rana Iyer", "radiologist"),
    _person(LAKESIDE, "dentist", "Dr. Dana Wolfe", "dentist"),
    _person(LAKESIDE, "assistant", "Asa Brandt", "assistant"),
    _person(LAKESIDE, "compliance", "Cora Lind", "compliance_officer"),
    _person(LAKESIDE, "auditor", "Aldo Reyes", "auditor"),
    Person("reader", "Dr. Noor Haddad", "reader@teleradiology.example", LAKESIDE, ("radiologist",), also_at=(HARBOR,)),
    _person(HARBOR, "owner-harbor", "Hugo Stern", "owner"),
    _person(HARBOR, "technician-harbor", "Tess Amado", "technician"),
    _person(HARBOR, "dentist-harbor", "Dr. Dirk Vos", "dentist"),
)
BY_KEY = {person.key: person for person in PEOPLE}

SITES = ("Lakeside North", "Old Town")
# Name, practice, address, telephone.
REFERRERS = (
    ("Dr. Wanda Reich", "Dental Practice Market Square", "reich@market-square.example", "+43 1 555 0101"),
    ("Dr. Mats Lindqvist", "Lindqvist Orthodontics", "mats@lindqvist.example", "+43 1 555 0102"),
    ("Dr. Amara Obi", "Oral Surgery Centre", "obi@oralsurgery.example", "+43 1 555 0103"),
)
