"""The page from which folders are sent, and what its script talks to."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.models import Tenant
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.dicom.errors import NotDicomError
from pacs.intake import sessions
from pacs.models import Instance, Patient, Study
from tests.factories.cast import make_tenant
from tests.factories.pictures import make_jpeg
from tests.factories.studies import make_dicom, make_files, make_study

Enter = Callable[[str], Client]
pytestmark = pytest.mark.django_db

BOUNDARY = "edge"
SAID = {
    "patient": "",
    "family_name": "Doe",
    "given_name": "Jane",
    "patient_id": "P-1",
    "birth_date": "1990-01-01",
    "sex": "F",
    "kind": "panoramic",
    "taken_on": "2026-01-02",
}


def print_of(number: int) -> str:
    return sessions.write_fingerprint(hashlib.sha256(str(number).encode()).digest())


# More digits than Python makes a number of.
LONG = f"file={print_of(1)}&number={'9' * 5000}"


def ask(client: Client, path: str, question: object) -> Any:
    return client.post(f"/uploads/{path}", json.dumps(question), content_type="application/json")


def begin(client: Client, total: int) -> str:
    question = {"digest": print_of(total), "label": "CD", "files": total, "bytes": 9, "asked": []}
    return str(ask(client, "begin", question).json()["id"])


def body_of(files: dict[str, bytes]) -> bytes:
    head = "--{0}\r\nContent-Type: application/dicom\r\nContent-ID: <{1}>\r\n\r\n"
    parts = [head.format(BOUNDARY, name).encode() + file + b"\r\n" for name, file in files.items()]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, upload: str, files: dict[str, bytes]) -> Any:
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    return client.post(f"/uploads/{upload}/files", body_of(files), content_type=kind)


def send_picture(client: Client, content: bytes, **said: str) -> Any:
    form = json.dumps({**SAID, **said}).encode()
    parts = [b"Content-Type: application/json\r\n\r\n" + form, b"Content-Type: image/jpeg\r\n\r\n" + content]
    edge = f"--{BOUNDARY}".encode()
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    kind = f'multipart/related; type="application/json"; boundary={BOUNDARY}'
    return client.post("/uploads/pictures", body, content_type=kind)


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("path", ["/studies/upload/", "/studies/upload/pictures/"])
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
def test_only_who_may_store_is_shown_where(enter: Enter, role: str, status: int, path: str) -> None:
    assert enter(role).get(path).status_code == status


@pytest.mark.parametrize(("role", "leads_on"), [("technician", True), ("radiologist", False)])
def test_the_result_explains_what_in_doubt_and_refused_mean(enter: Enter, role: str, leads_on: bool) -> None:
    page = enter(role).get("/studies/upload/").content.decode()
    doubts = page.partition('data-part="doubts"')[2].partition("</div>")[0]
    refusals = page.partition('data-part="refusals"')[2].partition("</p>")[0]

    assert "it is not certain whose they are" in doubts
    assert "The file itself is wrong" in refusals
    assert ("/studies/in-doubt/" in doubts, "/quarantine/" in refusals) == (leads_on, leads_on)


def test_the_script_is_told_where_to_send_and_where_to_look(enter: Enter) -> None:
    page = enter("technician").get("/studies/upload/").content.decode()

    assert 'data-url="/uploads/"' in page
    assert 'data-study-url="/studies/by-uid/{uid}/"' in page
    assert "csrfmiddlewaretoken" in page


def test_files_are_stored_and_answered_one_by_one(enter: Enter) -> None:
    client = enter("technician")
    upload = begin(client, 3)
    good, other = make_files("s", 2)
    answer = send(client, upload, {print_of(1): good, print_of(2): b"no image" * 40, print_of(3): other})

    assert [(one["file"], one["status"]) for one in answer.json()["files"]] == [
        (print_of(1), "stored"),
        (print_of(2), "refused"),
        (print_of(3), "stored"),
    ]
    assert answer.json()["files"][1]["message"]


def test_a_refused_file_is_explained_in_the_language_of_the_page(enter: Enter) -> None:
    client = enter("technician")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    upload = begin(client, 2)
    told = send(client, upload, {print_of(1): b"no image" * 40}).json()["files"]
    again = ask(client, f"{upload}/answered", {"files": [print_of(1)]}).json()["files"]
    picture = send_picture(client, b"GIF89a" + bytes(100)).json()

    with translation.override("de"):
        german = translation.gettext(NotDicomError.title)
        of_pictures = translation.gettext("It is neither a JPEG nor a PNG file.")
    assert [one["message"] for one in told + again] == [german] * 2
    assert german != NotDicomError.title
    assert picture["detail"] == of_pictures


def test_what_has_arrived_is_answered_with_its_study(enter: Enter) -> None:
    client = enter("technician")
    upload = begin(client, 2)
    send(client, upload, {print_of(1): make_dicom("s", 1)})
    answer = ask(client, f"{upload}/answered", {"files": [print_of(1), print_of(2)]})

    (known,) = answer.json()["files"]
    assert (known["file"], known["status"]) == (print_of(1), "stored")
    assert client.get(f"/studies/by-uid/{known['StudyInstanceUID']}/").status_code == 302


def test_the_last_question_tells_how_many_files_there_are(enter: Enter) -> None:
    client = enter("technician")
    upload = begin(client, 0)
    send(client, upload, {print_of(1): make_dicom("s", 1)})
    assert "1 file has arrived" in " ".join(client.get("/studies/upload/").content.decode().split())

    assert ask(client, f"{upload}/answered", {"files": [], "total": {"files": 1, "bytes": 9}}).status_code == 200
    assert upload not in client.get("/studies/upload/").content.decode()
    assert ask(client, f"{upload}/answered", {"files": [], "total": {"files": -1, "bytes": 9}}).status_code == 400


def test_an_unfinished_upload_is_on_the_page_until_it_is_given_up(enter: Enter) -> None:
    client = enter("technician")
    upload = begin(client, 2)
    send(client, upload, {print_of(1): make_dicom("s", 1)})

    assert f'data-upload="{upload}"' in client.get("/studies/upload/").content.decode()
    assert ask(client, f"{upload}/discard", {}).status_code == 200
    assert upload not in client.get("/studies/upload/").content.decode()


@pytest.mark.req("PA-06")
def test_the_upload_of_another_person_or_tenant_is_not_there(enter: Enter, stranger: Client) -> None:
    upload = begin(enter("technician"), 2)
    for client in (enter("technician"), stranger):
        answers = [
            send(client, upload, {print_of(1): make_dicom("s", 1)}),
            ask(client, f"{upload}/answered", {"files": []}),
            ask(client, f"{upload}/discard", {}),
            client.get(f"/uploads/{upload}/files"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4


def test_an_upload_that_begins_learns_what_of_it_is_there_already(enter: Enter) -> None:
    client = enter("technician")
    send(client, begin(client, 1), {print_of(1): make_dicom("s", 1)})
    question = {"digest": print_of(9), "label": "CD", "files": 0, "bytes": 0, "asked": [print_of(1), print_of(2)]}
    answer = ask(client, "begin", question).json()

    assert [(one["file"], one["status"]) for one in answer["files"]] == [(print_of(1), "duplicate")]
    assert f'data-upload="{answer["id"]}"' in client.get("/studies/upload/").content.decode()


def test_a_page_that_asks_later_may_begin_too(enter: Enter) -> None:
    question = {"digest": print_of(9), "label": "CD", "files": 0, "bytes": 0}
    assert ask(enter("technician"), "begin", question).json()["files"] == []


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("begin", []),
        ("begin", {"digest": print_of(1), "label": "", "files": 1, "bytes": 1, "asked": 7}),
        ("begin", {"digest": print_of(1), "label": "", "files": 1, "bytes": 1, "asked": ["short"]}),
        ("begin", {"digest": "short", "label": "", "files": 1, "bytes": 1, "asked": []}),
        ("begin", {"digest": print_of(1), "label": "\0", "files": 1, "bytes": 1, "asked": []}),
        ("begin", {"digest": print_of(1), "label": 7, "files": 1, "bytes": 1, "asked": []}),
        ("begin", {"digest": print_of(1), "label": "", "files": -1, "bytes": 1, "asked": []}),
        ("begin", {"digest": print_of(1), "label": "", "files": 10**9, "bytes": 1, "asked": []}),
        ("begin", {"digest": print_of(1), "label": "", "files": True, "bytes": 1, "asked": []}),
    ],
)
def test_a_question_that_is_not_understood_is_refused(enter: Enter, path: str, question: object) -> None:
    answer = ask(enter("technician"), path, question)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("value", [5, True, [1], {"a": 1}], ids=str)
def test_a_picture_of_which_something_else_than_text_is_said_is_refused(enter: Enter, value: Any) -> None:
    assert send_picture(enter("technician"), b"x", birth_date=value).status_code == 400


@pytest.mark.parametrize("body", [b"\xff", b'{"label": "\\ud800"}', b"[" * 100_000], ids=["bytes", "half", "deep"])
def test_a_body_without_json_is_refused(enter: Enter, body: bytes) -> None:
    assert enter("technician").post("/uploads/begin", body, content_type="application/json").status_code == 400


def test_more_than_can_be_asked_at_once_is_refused(enter: Enter) -> None:
    client = enter("technician")
    many = {"files": [print_of(1)] * (sessions.MAX_ASKED + 1)}
    assert ask(client, f"{begin(client, 1)}/answered", many).status_code == 400


def test_a_part_that_does_not_say_which_file_it_is_stores_nothing(enter: Enter, tenant: Tenant) -> None:
    client = enter("technician")
    upload = begin(client, 2)

    assert send(client, upload, {print_of(1): make_dicom("s", 1), "nonsense": make_dicom("s", 2)}).status_code == 400
    with tenant_scope(tenant.id):
        assert not Instance.objects.exists()


def test_a_body_without_parts_is_refused(enter: Enter) -> None:
    client = enter("technician")
    assert send(client, begin(client, 1), {}).status_code == 400


@pytest.mark.req("PA-06")
def test_who_is_not_signed_in_is_told_so_in_json(client: Client) -> None:
    answer = ask(client, "begin", {})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.req("PA-06")
def test_who_may_not_store_begins_nothing(enter: Enter) -> None:
    assert ask(enter("dentist"), "begin", {}).status_code == 403


def test_a_page_of_another_site_sends_nothing(enter: Enter) -> None:
    client = enter("technician")
    client.handler.enforce_csrf_checks = True

    assert ask(client, "begin", {"digest": print_of(1), "label": "", "files": 1, "bytes": 1}).status_code == 403


@pytest.mark.req("PA-01")
def test_a_picture_is_stored_under_what_the_form_says(enter: Enter, tenant: Tenant) -> None:
    answer = send_picture(enter("technician"), make_jpeg())

    assert answer.json()["status"] == "stored"
    with tenant_scope(tenant.id):
        study = Study.objects.get(study_instance_uid=answer.json()["StudyInstanceUID"])
    assert (study.patient_name, study.dicom_patient_id, study.description) == ("Doe, Jane", "P-1", "Panoramic X-ray")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"family_name": ""}, "family_name"),
        ({"patient_id": ""}, "patient_id"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "1990-13-01"}, "birth_date"),
        ({"family_name": "Doe^Jane"}, "family_name"),
        ({"kind": "hologram"}, "kind"),
        ({"taken_on": "2999-01-01"}, "taken_on"),
        ({"tooth": "99"}, "tooth"),
        ({"laterality": "up"}, "laterality"),
    ],
)
def test_what_lacks_is_said_at_its_field(enter: Enter, tenant: Tenant, said: dict[str, str], field: str) -> None:
    answer = send_picture(enter("technician"), make_jpeg(), **said)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    with tenant_scope(tenant.id):
        assert not Patient.objects.exists()


def test_an_id_that_belongs_to_somebody_else_is_said_at_its_field(enter: Enter, tenant: Tenant) -> None:
    make_study(tenant.id, "s", 1, PatientID="P-1", PatientName="Other^Otto")
    answer = send_picture(enter("technician"), make_jpeg())

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["patient_id"])


def test_what_is_no_picture_is_refused_in_words(enter: Enter) -> None:
    answer = send_picture(enter("technician"), b"GIF89a" + bytes(100))

    assert answer.status_code == 422
    assert "neither a JPEG nor a PNG" in answer.json()["detail"]


@pytest.mark.req("PA-06")
def test_a_patient_of_another_tenant_cannot_be_chosen_for_a_picture(enter: Enter) -> None:
    foreign = make_study(make_tenant().id, "x", 1).patient_id
    for patient in (foreign, uuid7()):
        assert send_picture(enter("technician"), make_jpeg(), patient=str(patient)).status_code == 404


def test_patients_are_found_by_the_page_and_the_search_is_written_down(enter: Enter, tenant: Tenant) -> None:
    known = make_study(tenant.id, "s", 1, PatientID="P-1", PatientName="Other^Otto")
    client = enter("technician")
    page = client.post("/studies/upload/pictures/", {"find": "otto", "action": "find"}).content.decode()

    assert str(known.patient_id) in page
    assert "No patient was found" in client.post("/studies/upload/pictures/", {"find": "nobody"}).content.decode()


def send_pieces(client: Client, upload: str, file: bytes, *numbers: int) -> list[int]:
    size = 4096
    answers = [
        client.post(
            f"/uploads/{upload}/piece?file={print_of(1)}&number={number}",
            file[number * size : (number + 1) * size],
            content_type="application/octet-stream",
        )
        for number in numbers
    ]
    return [answer.status_code for answer in answers]


def large_file() -> bytes:
    return make_dicom("large", 1, pixels=np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))


@pytest.mark.req("PA-02")
def test_a_large_file_sent_in_pieces_is_stored_as_one(enter: Enter, tenant: Tenant) -> None:
    client, file = enter("technician"), large_file()
    upload = begin(client, 1)
    assert send_pieces(client, upload, file, 0, 2) == [200, 200]
    assert ask(client, f"{upload}/join", {"file": print_of(1), "size": len(file)}).status_code == 409
    assert ask(client, f"{upload}/pieces", {"file": print_of(1)}).json() == {"pieces": [0, 2]}
    assert send_pieces(client, upload, file, 1) == [200]
    answer = ask(client, f"{upload}/join", {"file": print_of(1), "size": len(file)})

    assert answer.json()["files"][0]["status"] == "stored"
    assert ask(client, f"{upload}/pieces", {"file": print_of(1)}).json() == {"pieces": []}
    assert upload not in client.get("/studies/upload/").content.decode()
    with tenant_scope(tenant.id):
        assert bytes(Instance.objects.get().sha256) == hashlib.sha256(file).digest()


@pytest.mark.parametrize("query", ["", "file=x&number=0", f"file={print_of(1)}", f"file={print_of(1)}&number=-1", LONG])
def test_a_piece_that_does_not_say_what_it_is_is_refused(enter: Enter, query: str) -> None:
    client = enter("technician")
    address = f"/uploads/{begin(client, 1)}/piece?{query}"
    assert client.post(address, b"x", content_type="application/octet-stream").status_code == 400


@pytest.mark.req("PA-06")
def test_pieces_of_the_upload_of_another_person_are_not_there(enter: Enter, stranger: Client) -> None:
    upload = begin(enter("technician"), 1)
    for client in (enter("technician"), stranger):
        answers = [ask(client, f"{upload}/{what}", {"file": print_of(1), "size": 1}) for what in ("pieces", "join")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert send_pieces(client, upload, large_file(), 0) == [404]
