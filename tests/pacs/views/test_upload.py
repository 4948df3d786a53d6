"""The page from which folders are sent."""

from collections.abc import Callable

import pytest
from django.test import Client

Enter = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("owner", 200),
        ("administrator", 200),
        ("technician", 200),
        ("radiologist", 200),
        ("assistant", 200),
        ("dentist", 403),
        ("compliance_officer", 403),
        ("auditor", 403),
    ],
)
def test_only_who_may_store_is_shown_where(enter: Enter, role: str, status: int) -> None:
    assert enter(role).get("/studies/upload/").status_code == status


def test_the_script_is_told_where_to_send_and_where_to_look(enter: Enter) -> None:
    page = enter("technician").get("/studies/upload/").content.decode()

    assert 'data-url="/dicom-web/studies"' in page
    assert 'data-study-url="/studies/by-uid/{uid}/"' in page
    assert "csrfmiddlewaretoken" in page
