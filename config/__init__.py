"""The package that puts the portal together."""

import gc

# Young garbage is looked for after so many new objects, not after 700: a seventh of each start went into it.
gc.set_threshold(50_000, 20, 20)
