"""A phantom of the lower face, made by code: synthetic studies for tests and for the demo.

No real patient went into it. Coordinates of its parts are constants of `anatomy` and `teeth`.
"""

from pacs.dicom.phantom.anatomy import ROD_LENGTH_MM, ROD_X, ROD_Y, ROD_Z, RODS
from pacs.dicom.phantom.cbct import make_cbct
from pacs.dicom.phantom.files import Person, make_slice, make_uid, write_file
from pacs.dicom.phantom.films import make_bitewing, make_cephalometric, make_panoramic

__all__ = [
    "RODS",
    "ROD_LENGTH_MM",
    "ROD_X",
    "ROD_Y",
    "ROD_Z",
    "Person",
    "make_bitewing",
    "make_cbct",
    "make_cephalometric",
    "make_panoramic",
    "make_slice",
    "make_uid",
    "write_file",
]
