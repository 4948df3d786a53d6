"""How this software names itself in the files that it writes (PS3.7 D.3.3.2)."""

from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "2.25.302915367229177613870463318212174312457"
IMPLEMENTATION_VERSION_NAME: Final = "BITEWING"
