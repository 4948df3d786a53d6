"""An adapter that tries to get out: a child that loads this has it in place of the real one."""

from typing import Any

import numpy as np

from inference.networks import adapters
from tests.inference.escapes import WAYS


def look(image: Any, *_: Any, **__: Any) -> list[Any]:
    WAYS[int(np.asarray(image)[0, 0])]()
    return []


adapters.look = look
