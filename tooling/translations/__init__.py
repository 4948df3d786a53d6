"""Catalogues of translations: what is to be translated, and what is, without gettext's tools."""
