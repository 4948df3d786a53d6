"""Refusals of inventory, map and packs."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class AssetNotFoundError(NotFoundError):
    code = "asset-not-found"
    title = "There is no such asset, or it is not yours to see."


class FlowNotFoundError(NotFoundError):
    code = "flow-not-found"
    title = "There is no such flow or party, or it is not yours to see."


class SightingNotFoundError(NotFoundError):
    code = "sighting-not-found"
    title = "There is no such device among those seen, or it is not yours to see."


class PackNotFoundError(NotFoundError):
    code = "pack-not-found"
    title = "There is no such framework pack, or not in this version."


class InventoryRefusedError(InvalidInputError):
    code = "inventory-refused"
    title = "This cannot be written into the inventory."


class InventoryConflictError(ConflictError):
    code = "inventory-conflict"
    title = "This contradicts what stands in the inventory. Reload the page and look again."


class PhotoRefusedError(InvalidInputError):
    code = "photo-refused"
    title = "This file cannot be kept as a photo. Send a JPEG, PNG or WebP picture of at most 10 MB."
