"""What a tenant chooses, and where it shows."""

import re
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import brand, selectors, services
from accounts.errors import ColourError, LogoError
from accounts.models import Tenant
from accounts.services import Choices
from common.errors import ForbiddenError
from config.env import ROOT
from tests.factories.browsers import enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.people import actions, deliver, make_person, sign_in_by_hand
from tests.factories.sharing import make_study, share, walk_in

pytestmark = pytest.mark.django_db
CHOICES = Choices(
    idle_minutes=10,
    absolute_hours=8,
    share_days=5,
    share_sessions=3,
    share_downloads=2,
    share_rights=["download_dicom"],
    mail_sender="Quay Imaging, Ü-Team",
    mail_reply_to="desk@quay.example",
    colour="#7a1f5c",
)
COLOURS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def choose(tenant: Tenant, choices: Choices = CHOICES, time_zone: str = "Asia/Tokyo") -> None:
    services.change_settings(actor=make_actor(tenant, "owner"), time_zone=time_zone, choices=choices)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def png(rows: int = 300, columns: int = 600) -> bytes:
    return bytes(imagecodecs.png_encode(np.full((rows, columns, 4), 90, np.uint8)))


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_the_page_saves_what_is_chosen_and_the_log_names_it(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    form = {
        **{name: getattr(CHOICES, name) for name in Choices.__dataclass_fields__},
        "time_zone": "Europe/Vienna",
        "idle_minutes": 20,
    }
    assert client.post("/settings/", form)["Location"] == "/settings/"
    house = selectors.house(tenant.id)
    assert (house.time_zone, house.idle_minutes, house.share_days) == ("Europe/Vienna", 20, 5)
    assert actions(tenant)[-1] == "tenant.changed"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("idle_minutes", 4),
        ("idle_minutes", 31),
        ("absolute_hours", 13),
        ("share_days", 91),
        ("time_zone", "Mars/Base"),
        ("colour", "#ffff00"),
        ("colour", "red"),
    ],
)
def test_what_is_beyond_the_limits_is_refused(tenant: Tenant, field: str, value: object) -> None:
    valid = {name: getattr(CHOICES, name) for name in Choices.__dataclass_fields__}
    answer = enter_as(tenant, "owner").post("/settings/", {**valid, "time_zone": "UTC", field: value})
    assert answer.status_code == 422
    assert selectors.house(tenant.id).idle_minutes == 15


def test_saving_the_same_again_is_no_change(tenant: Tenant) -> None:
    choose(tenant)
    choose(tenant)
    assert actions(tenant).count("tenant.changed") == 1


def test_a_technician_chooses_nothing(tenant: Tenant) -> None:
    with pytest.raises(ForbiddenError):
        services.change_settings(actor=make_actor(tenant, "technician"), time_zone="UTC", choices=CHOICES)


# --- where it shows ---------------------------------------------------------------------------------------------------


def test_staff_see_times_in_the_zone_of_their_centre(tenant: Tenant) -> None:
    choose(tenant)
    page = text(sign_in_by_hand(make_person(tenant, "technician")).get("/account/"))
    assert 'data-time-zone="Asia/Tokyo"' in page
    assert " JST</time>" in page
    assert "UTC</time>" not in page


def test_a_day_of_the_access_log_is_a_day_of_the_centre(tenant: Tenant, frozen_time: time_machine.Traveller) -> None:
    choose(tenant)
    frozen_time.move_to("2026-10-02 20:00+00:00")
    make_actor(tenant, "dentist")
    client = enter_as(tenant, "compliance_officer")
    morning_in_tokyo = text(client.post("/audit/", {"since": "2026-10-03", "action": "member.added"}))
    the_day_before = text(client.post("/audit/", {"until": "2026-10-02", "since": "2026-10-02"}))
    assert morning_in_tokyo.count('title="member.added"') == 2
    assert the_day_before.count('title="member.added"') == 1


def test_a_new_link_begins_with_the_terms_of_the_tenant(tenant: Tenant) -> None:
    choose(tenant)
    page = text(enter_as(tenant, "technician").get(f"/studies/{make_study(tenant).id}/share/"))
    assert 'name="days" value="5"' in page
    assert 'name="max_sessions" value="3"' in page
    assert 'name="max_downloads" value="2"' in page
    assert 'value="download_dicom" id="id_rights_1" checked' in page
    assert 'value="report" id="id_rights_0" checked' not in page


def test_mails_come_from_the_centre_by_the_address_of_the_portal(tenant: Tenant) -> None:
    choose(tenant)
    share(tenant)
    sent = mail.outbox[-1]
    headers = sent.message()
    assert sent.reply_to == ["desk@quay.example"]
    assert "no-reply@" in sent.from_email
    assert "Quay Imaging" in str(headers["From"]) or "=?utf-8?" in str(headers["From"])


def test_a_mail_tells_the_end_of_a_link_in_the_time_of_the_centre(tenant: Tenant) -> None:
    choose(tenant)
    share(tenant)
    assert "JST" in str(mail.outbox[-1].body)


def test_a_sender_cannot_add_headers(tenant: Tenant) -> None:
    valid = {name: getattr(CHOICES, name) for name in Choices.__dataclass_fields__}
    form = {**valid, "time_zone": "UTC", "mail_sender": "Quay\r\nBcc: thief@evil.example"}
    enter_as(tenant, "owner").post("/settings/", form)
    selectors.forget()
    services.invite(actor=make_actor(tenant, "owner"), email="n@example.org", roles=["dentist"])
    deliver(tenant)
    assert "thief" not in str(mail.outbox[-1].message()["Bcc"] or "")
    assert mail.outbox[-1].recipients() == ["n@example.org"]


# --- look -------------------------------------------------------------------------------------------------------------


def test_pages_of_staff_and_guests_look_like_the_centre(tenant: Tenant) -> None:
    choose(tenant)
    services.set_logo(actor=make_actor(tenant, "owner"), image=png())
    guest = walk_in(Client(), share(tenant))
    for page in (text(enter_as(tenant, "technician").get("/account/")), text(guest.get("/s/studies/"))):
        assert "/branding/colours.css?v=" in page
        assert "/branding/logo.png?v=" in page
    assert "#7a1f5c" in text(guest.get("/branding/colours.css"))


def test_who_has_no_credential_is_told_no_colours(tenant: Tenant) -> None:
    choose(tenant)
    assert Client().get("/branding/colours.css").status_code == 302
    assert Client().get("/branding/logo.png").status_code == 302


def test_a_logo_is_drawn_anew_and_shown(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    upload = SimpleUploadedFile("logo.png", png() + b"<script>alert(1)</script>", "image/png")
    client.post("/settings/logo/", {"logo": upload})
    answer = client.get("/branding/logo.png")
    assert answer["Content-Type"] == "image/png"
    assert b"script" not in answer.content
    assert imagecodecs.png_decode(answer.content).shape == (75, 150, 4)


def test_a_logo_is_taken_away(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    client.post("/settings/logo/", {"logo": SimpleUploadedFile("logo.png", png(), "image/png")})
    client.post("/settings/logo/", {"remove": "1"})
    assert client.get("/branding/logo.png").status_code == 404


@pytest.mark.parametrize(
    "image",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", png()[:200], png(2100, 8), b"<svg xmlns='x'/>", b"\x89PNG" * 200_000],
    ids=["empty", "gif", "only a signature", "cut off", "too tall", "svg", "too long"],
)
def test_what_is_no_picture_is_no_logo(tenant: Tenant, image: bytes) -> None:
    answer = enter_as(tenant, "owner").post("/settings/logo/", {"logo": SimpleUploadedFile("x.png", image)})
    assert answer.status_code == 422
    assert not selectors.house(tenant.id).has_logo


def test_a_refused_logo_says_what_would_do() -> None:
    with pytest.raises(LogoError, match="PNG or JPEG"):
        brand.clean_logo(b"BM")


# --- contrast ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0a5a70", "#ffffff", 7.75),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert brand.contrast(one, other) == pytest.approx(expected, abs=0.01)


def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast(tenant: Tenant) -> None:
    with pytest.raises(ColourError, match=r"1\.\d : 1"):
        choose(tenant, replace(CHOICES, colour="#ffe680"))


def is_readable(colour: str) -> bool:
    try:
        brand.check_colour(colour)
    except ColourError:
        return False
    return True


@given(COLOURS.filter(is_readable))
def test_every_colour_that_is_taken_can_be_read_in_both_themes(colour: str) -> None:
    light, dark, on_light, on_dark = re.findall(r"#[0-9a-f]{6}", brand.stylesheet(colour))
    assert light == colour
    assert min(brand.contrast(light, ground) for ground in ("#ffffff", "#f4f7f8", "#e6ecee")) >= brand.AA
    assert min(brand.contrast(dark, ground) for ground in ("#161c1f", "#0f1416", "#232b2f")) >= brand.AA
    assert brand.contrast(light, on_light) >= brand.AA
    assert brand.contrast(dark, on_dark) >= brand.AA


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    tokens = (ROOT / "static/css/tokens.css").read_text()
    grounds = re.findall(r"--color-base-\d00: light-dark\((#\w+), (#\w+)\)", tokens)
    assert [light for light, _ in grounds] == ["#ffffff", "#f4f7f8", "#e6ecee"]
    assert [dark for _, dark in grounds] == ["#161c1f", "#0f1416", "#232b2f"]
