"""QR codes (ISO/IEC 18004), as pictures that a page can hold."""


def qr_svg(text: str) -> str:
    """Return a text as the SVG of its code."""
    # Pages with a code are few, and the library is large.
    import qrcode
    import qrcode.image.svg

    image = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage)
    return str(image.to_string(encoding="unicode"))
