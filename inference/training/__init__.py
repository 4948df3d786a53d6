"""How the bundled detector is made: split, augmentation, network, fitting, export.

Needs the packages of `requirements.txt` beside this file, which the portal itself does not have; nothing outside of
this
folder imports it.
"""
