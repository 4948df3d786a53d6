"""What no template may hold, whoever writes it."""

import re

import pytest

from tests.contracts.house import lines_matching, texts

INLINE_SCRIPT = r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"
INLINE_STYLE = r"<style\b|\sstyle="
INLINE_HANDLER = r"\son[a-z]+=|\shx-on|javascript:"

# What is left of a template when all that a translator sees, and all that no reader sees, is taken out.
UNSEEN = re.compile(
    r"""{%\s*(?:blocktranslate|blocktrans)\b.*?{%\s*end(?:blocktranslate|blocktrans)\s*%}
    |   {%\s*comment\b.*?{%\s*endcomment\s*%} | {\#.*?\#} | <!--.*?-->
    |   {%.*?%} | {{.*?}}
    |   <(?:code|kbd|pre|svg|script)\b.*?</(?:code|kbd|pre|svg|script)>
    |   &\w+; | &\#\w+;
    |   \b[a-z]+(?:-[a-z]+)+\b # a class that a block hands to its layout""",
    re.VERBOSE | re.DOTALL,
)
TAG = re.compile(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r"""(?<![\w:-])(?:alt|aria-label|placeholder|title)=["'](?P<text>[^"']*)["']""")
WORD = re.compile(r"[^\W\d_]{3,}")
NAMES = {"Bitewing", "DICOM", "PDF", "ZIP", "CSV", "JPEG", "PNG", "MIP", "TOTP", "UTC", "JSON", "SHA"}


def _pages() -> dict[str, str]:
    return {path: text for path, text in texts(".html").items() if path.startswith("templates/")}


@pytest.mark.parametrize("pattern", [INLINE_SCRIPT, INLINE_STYLE, INLINE_HANDLER])
def test_no_template_has_inline_scripts_styles_or_handlers(pattern: str) -> None:
    assert lines_matching(pattern, _pages()) == []


def test_no_template_takes_anything_from_another_host() -> None:
    assert lines_matching(r"""(?:src|href|action)=["'](?:https?:)?//""", _pages()) == []


def untranslated(template: str) -> list[str]:
    """Return the words that a reader sees and a translator does not."""
    text = UNSEEN.sub(" ", template)
    spoken = [match["text"] for match in SPOKEN_ATTRIBUTE.finditer(text)]
    return [word for part in (TAG.sub(" ", text), *spoken) for word in WORD.findall(part) if word not in NAMES]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>{% translate 'Studies' %}</p>", []),
        ("<p>Studies</p>", ["Studies"]),
        ('<input placeholder="Name" class="field">', ["Name"]),
        ("<input placeholder=\"{% translate 'Name' %}\">", []),
        ('<p data-a="x > y">{{ study.name }} <kbd>Ctrl</kbd> Bitewing</p>', []),
        ("{% blocktranslate %}All {{ n }} studies{% endblocktranslate %}", []),
    ],
)
def test_words_for_readers_are_told_from_markup(template: str, words: list[str]) -> None:
    assert untranslated(template) == words


def test_every_word_that_a_reader_sees_is_translatable() -> None:
    assert {path: words for path, text in _pages().items() if (words := untranslated(text))} == {}
