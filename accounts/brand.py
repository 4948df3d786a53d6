"""The look that a tenant may give its pages: one colour that everybody can read, and a logo drawn anew."""

from functools import lru_cache
from typing import Final

from accounts.errors import ColourError, LogoError
from common.sandbox import Sandbox, SandboxError

AA: Final = 4.5
MAX_LOGO_BYTES: Final = 512 * 1024
# The grounds of tokens.css on which the colour of the house is text or line, and the two inks that lie on it.
_DESK: Final = ("#ffffff", "#f4f7f8", "#e6ecee")
_READING_ROOM: Final = ("#161c1f", "#0f1416", "#232b2f")
_WHITE, _INK = "#ffffff", "#06131a"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def check_colour(colour: str) -> None:
    """Raise unless text in this colour can be read on every ground of the light theme."""
    if not colour:
        return
    worst = min(contrast(colour, ground) for ground in _DESK)
    if worst < AA:
        raise ColourError(
            "This colour has a contrast of {found} : 1 on the pages of the portal; {least} : 1 is needed. "
            "Choose a darker one.",
            found=f"{worst:.1f}",
            least=AA,
        )


@lru_cache(maxsize=256)
def stylesheet(colour: str) -> str:
    """Return the rules that put a tenant's colour in place of the house's, for both themes; nothing for no colour."""
    if not colour:
        return ""
    lamp = _lightened(colour)
    inks = f"light-dark({_ink_on(colour)}, {_ink_on(lamp)})"
    return f":root {{ --color-primary: light-dark({colour}, {lamp}); --color-primary-content: {inks}; }}\n"


def _lightened(colour: str) -> str:
    """Mix in white until the colour can be read in the reading room."""
    for share in range(0, 101, 4):
        mixed = _mix(colour, share / 100)
        if min(contrast(mixed, ground) for ground in _READING_ROOM) >= AA:
            return mixed
    return _WHITE


def _ink_on(colour: str) -> str:
    return max((_WHITE, _INK), key=lambda ink: contrast(ink, colour))


def _mix(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in _parts(colour))


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    scaled = [part / 255 for part in _parts(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in scaled)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- logo -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _sandbox() -> Sandbox:
    return Sandbox(["accounts.pictures"], workers=1)


def clean_logo(image: bytes) -> bytes:
    """Return a PNG of what a picture shows: decoded in the sandbox, so that nothing else of the file is kept.

    Raises
    ------
    LogoError
        It is too large, or no PNG or JPEG that can be read.
    """
    if len(image) > MAX_LOGO_BYTES:
        raise LogoError
    try:
        return _sandbox().run("accounts.pictures:logo_job", image)
    except SandboxError:
        raise LogoError from None
