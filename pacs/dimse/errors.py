"""What ends an association, and what a service refuses."""

from common.errors import ConflictError, DomainError, InvalidInputError, NotFoundError


class PduError(InvalidInputError):
    """Bytes on an association that PS3.8 9.3 or PS3.7 6.3 does not allow."""

    code = "dimse-protocol"
    title = "The peer does not speak DICOM as the standard says."


class AssociationEndedError(DomainError):
    """The peer aborted, vanished or fell silent."""

    code = "association-ended"
    title = "The association ended before its work was done."


class AssociationRefusedError(DomainError):
    """A peer that we called did not accept the association."""

    code = "association-refused"
    title = "The other system refused the association."


class StatusError(DomainError):
    """A service answers with a failure status of PS3.4 or PS3.7."""

    code = "dimse-status"
    title = "The DIMSE service refused the operation."

    def __init__(self, number: int, detail: str = "", **params: object) -> None:
        super().__init__(detail, **params)
        self.number = number


class PeerNotFoundError(NotFoundError):
    code = "peer-not-found"
    title = "There is no such DICOM device."


class TitleNotFoundError(NotFoundError):
    code = "title-not-found"
    title = "There is no such AE title of the portal."


class TitleTakenError(ConflictError):
    code = "title-taken"
    title = "This AE title is taken. Choose another one."


class PeerTermsError(InvalidInputError):
    code = "peer-terms"
    title = "These settings of a DICOM device cannot be kept."
