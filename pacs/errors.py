"""Refusals of this package."""

from common.errors import ConflictError, DomainError, InvalidInputError, NotFoundError


class StudyNotFoundError(NotFoundError):
    code = "study-not-found"
    title = "There is no such study, or it is not yours to see."


class NotPreparedError(DomainError):
    code = "not-prepared"
    status = 404
    title = "This is being prepared. Try again in a few seconds."


class StudyHeldError(ConflictError):
    code = "study-held"
    title = "The patient of this study is in doubt. Decide that first."


class AlreadyStoredAgainError(ConflictError):
    code = "stored-again"
    title = "The same study was stored again after it was deleted. Delete that copy first."


class StudyDoomedError(ConflictError):
    code = "study-doomed"
    title = "This study is about to be destroyed. Stop its deletion run, or place a hold, to keep it."


class StudyNotDoomedError(ConflictError):
    code = "study-not-doomed"
    title = "The key of this study is not destroyed: nothing of it is removed."


class ReportSignedError(ConflictError):
    code = "report-signed"
    title = "A signed report cannot be changed. Write a new version."


class ReportChangedError(ConflictError):
    code = "report-changed"
    title = "Somebody else saved or signed this report meanwhile. Read it again before you sign."


class PatientNotFoundError(NotFoundError):
    code = "patient-not-found"
    title = "There is no such patient."


class CorrectionNotFoundError(NotFoundError):
    code = "correction-not-found"
    title = "There is no such correction."


class UploadNotFoundError(NotFoundError):
    code = "upload-not-found"
    title = "There is no such upload."


class PiecesMissingError(ConflictError):
    code = "pieces-missing"
    title = "Not all pieces of the file have arrived."


class SamePatientError(ConflictError):
    code = "same-patient"
    title = "This is the patient of the study already. Choose another one."


class PatientIdTakenError(ConflictError):
    code = "patient-id-taken"
    title = "A patient of another name or birth date has this id. Choose that patient, or correct the id."


class CorrectionSupersededError(ConflictError):
    code = "correction-superseded"
    title = "A later correction changed the same study. Undo that one first."


class SplitSeriesError(InvalidInputError):
    code = "split-series"
    title = "Choose series of this study that belong elsewhere, and leave at least one."


class SplitEncodingError(ConflictError):
    code = "split-encoding"
    title = "A series whose files are deflated or big endian cannot be split off. Convert it and send it again."


class SplitInUseError(ConflictError):
    code = "split-in-use"
    title = "The split-off study cannot be put back as it is now."


class MixedStudyError(ConflictError):
    code = "mixed-study"
    title = "The images of one study name two patients. Split the series of the other patient off, or refuse the study."


class NotHeldError(ConflictError):
    code = "not-held"
    title = "The patient of this study is not in doubt: somebody has decided already."


class OriginalsNameAnotherError(ConflictError):
    code = "originals-name-another"
    title = "The original files carry another patient's name. Ask the centre for a corrected copy."


class NotAReaderError(InvalidInputError):
    code = "not-a-reader"
    title = "Only a radiologist of this centre can be asked to read a study."


class SavedSearchError(InvalidInputError):
    code = "saved-search"
    title = "This search cannot be kept. Choose dates, a modality, a status or a reader; a patient is never part of it."


class SavedSearchNotFoundError(NotFoundError):
    code = "saved-search-not-found"
    title = "There is no such search, or it is not yours to change."


class NothingUnderNumberError(NotFoundError):
    code = "nothing-under-number"
    title = "Nothing has arrived under this number yet. Try again when the images were sent, or search in the worklist."


class UidWithOtherBytesError(ConflictError):
    code = "uid-with-other-bytes"
    title = "An instance of this SOP Instance UID with other content is stored already; it was not overwritten."


class OtherStudyThanAddressedError(ConflictError):
    code = "study-mismatch"
    title = "The file belongs to another study than the address names."


class OtherInstanceThanCommandedError(ConflictError):
    code = "sop-instance-mismatch"
    title = "The data set has another SOP Instance UID than the command that brought it."


class SeriesSplitOffError(ConflictError):
    code = "series-split-off"
    title = "The series was split off its study, and these images cannot follow it."
