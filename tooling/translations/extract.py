"""Find what is to be translated: in templates by Django's own lexer, in Python by its syntax tree."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

Message = tuple[str, ...]
_FUNCTIONS = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"})
_TEXT = r"\"([^\"]*)\"|'([^']*)'"
_TRANSLATE = re.compile(rf"trans(?:late)?\s+(?:{_TEXT})")
_INLINE = re.compile(rf"_\((?:{_TEXT})\)")


def of_file(path: Path) -> list[Message]:
    """Return the messages of a template or module: one text, or a singular and a plural."""
    text = path.read_text()
    found = of_python(text) if path.suffix == ".py" else of_template(text)
    return list(dict.fromkeys(found))


def of_python(source: str) -> Iterator[Message]:
    """Yield the constant arguments of gettext's functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            words = node.args[: 2 if node.func.id.startswith("ngettext") else 1]
            if message := tuple(text for (text,) in _constants(words)):
                yield message


def of_refusals(source: str, *, with_details: bool) -> Iterator[Message]:
    """Yield the titles of classes of refusals, and the constant details that they are raised with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            yield from _constants(b.value for b in node.body if isinstance(b, ast.Assign) and _names(b) == ["title"])
        elif with_details and isinstance(node, ast.Call) and _is_refusal(node.func):
            yield from _constants(node.args[:1])


def _is_refusal(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id.endswith("Error")


def _names(assignment: ast.Assign) -> list[str]:
    return [target.id for target in assignment.targets if isinstance(target, ast.Name)]


def _constants(nodes: Iterable[ast.expr]) -> Iterator[Message]:
    return ((node.value,) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def of_template(source: str) -> Iterator[Message]:
    """Yield what the tags and the `_("...")` of a template say."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type is TokenType.BLOCK and token.contents.startswith("blocktrans"):
            yield _block(token, tokens)
        elif token.token_type is TokenType.BLOCK and (match := _TRANSLATE.match(token.contents)):
            yield (match[1] if match[1] is not None else match[2],)
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from ((match[1] or match[2],) for match in _INLINE.finditer(token.contents))


def _block(begin: Token, tokens: Iterator[Token]) -> Message:
    forms = [""]
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            if token.contents.startswith("endblocktrans"):
                break
            forms.append("")
        elif token.token_type is TokenType.VAR:
            forms[-1] += f"%({token.contents})s"
        else:
            forms[-1] += token.contents.replace("%", "%%")
    if "trimmed" in begin.split_contents():
        forms = [" ".join(line.strip() for line in form.splitlines() if line.strip()) for form in forms]
    return tuple(forms)
