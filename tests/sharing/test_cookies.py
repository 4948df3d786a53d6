"""What a browser holds."""

from http.cookies import SimpleCookie

from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from common.ids import uuid7
from sharing import cookies, proofs


def held(count: int) -> list[cookies.Held]:
    return [cookies.Held(session_id=uuid7(), secret=proofs.new_secret()) for _ in range(count)]


def brought_back(sessions: list[cookies.Held]) -> list[cookies.Held]:
    response = HttpResponse()
    cookies.write_sessions(response, sessions)
    wire = SimpleCookie(response.cookies["bitewing-guest"].OutputString())
    request = RequestFactory().get("/", headers={"cookie": f"bitewing-guest={wire['bitewing-guest'].coded_value}"})
    return cookies.read_sessions(request)


def test_a_browser_brings_back_what_it_was_given() -> None:
    sessions = held(3)
    assert brought_back(sessions) == sessions


def test_beyond_sixteen_the_oldest_sessions_give_way() -> None:
    sessions = held(20)
    assert brought_back(sessions) == sessions[:16]


def test_the_fullest_cookie_is_one_that_browsers_keep() -> None:
    response = HttpResponse()
    cookies.write_sessions(response, held(16))
    assert len(response.cookies["bitewing-guest"].OutputString()) < 4096


def test_a_session_held_twice_is_one() -> None:
    session = held(1)
    assert brought_back(session * 2) == session


def test_what_is_held_does_not_show_its_secret() -> None:
    session = held(1)[0]
    assert session.secret not in repr(session)


@given(st.text(max_size=300))
def test_any_text_is_sessions_or_nothing(text: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["bitewing-guest"] = text
    assert all(len(one.secret) == proofs.SECRET_LENGTH for one in cookies.read_sessions(request))


def test_a_nonce_of_another_length_is_none() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["bitewing-opening"] = "short"
    assert cookies.read_nonce(request) == ""
