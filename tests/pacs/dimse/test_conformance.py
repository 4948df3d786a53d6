"""The conformance statement says what the code does (X-20)."""

import re
from pathlib import Path

import pytest

from pacs.dicom.sop_classes import SOP_CLASSES
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from pacs.dicomweb import urls
from pacs.dimse import conformance, negotiation, serving
from pacs.dimse.negotiation import Service

pytestmark = pytest.mark.req("X-20")
ROOT = Path(__file__).resolve().parents[3]


def test_the_statement_in_the_documentation_is_current() -> None:
    written = (ROOT / "docs/reference/dicom-conformance.md").read_text(encoding="utf-8")

    assert written == conformance.statement(), "run `manage.py dicom_conformance`"


def test_every_class_and_syntax_that_is_accepted_is_in_it() -> None:
    text = conformance.statement()

    assert [uid for uid in {*SOP_CLASSES, *TRANSFER_SYNTAXES, *negotiation.BY_UID} if f"| {uid} |" not in text] == []


def test_every_service_that_is_offered_is_served() -> None:
    served = {service for service, _ in serving._HANDLERS} | {Service.STORE}

    assert {offer.service for offer in negotiation.OFFERS} | {Service.STORE} == served


def test_every_web_service_that_is_named_has_an_address_and_every_address_is_named() -> None:
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern)) for one in urls.urlpatterns[:-1]}

    assert {template for template, *_ in conformance.WEB_SERVICES} == routes
