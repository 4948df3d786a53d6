"""Refusals of this package; those of networks themselves are in `inference.networks.errors`."""

from common.errors import ConflictError, DomainError, ForbiddenError, InvalidInputError, NotFoundError


class NetworkNotFoundError(NotFoundError):
    code = "network-not-found"
    title = "There is no such network."


class NetworkExistsError(ConflictError):
    code = "network-exists"
    title = "This version of the network is there already. A network is never changed in place: raise the version."


class NetworkRetiredError(ConflictError):
    code = "network-retired"
    title = "This network was retired, and runs no more."


class NetworkPackageError(InvalidInputError):
    code = "network-package"
    title = "The network's folder is not complete."


class ThirdPartyRefusedError(ForbiddenError):
    code = "third-party-refused"
    title = "A third party's network runs only with a signed agreement, encryption and a no-training clause on record."


class RuleNotFoundError(NotFoundError):
    code = "rule-not-found"
    title = "There is no such rule."


class RuleError(InvalidInputError):
    code = "rule-invalid"
    title = "This rule would match nothing that the network can read."


class RunNotFoundError(NotFoundError):
    code = "run-not-found"
    title = "There is no such analysis."


class BatchNotFoundError(NotFoundError):
    code = "batch-not-found"
    title = "There is no such batch."


class BatchRangeError(InvalidInputError):
    code = "batch-range"
    title = "A batch needs a first and a last date, in this order."


class NothingToAnalyseError(ConflictError):
    code = "nothing-to-analyse"
    title = "No network of this centre reads the images of this study."


class RunPostponedError(DomainError):
    code = "run-postponed"
    status = 503
    title = "The analysis did not come through, and is tried again."


class ImageGoneError(DomainError):
    code = "image-gone"
    status = 410
    title = "The image is no longer there, or has changed since the analysis was asked for."


class TrainingPurposeError(InvalidInputError):
    code = "training-purpose"
    title = "Say what the images may be used for, before training on them is allowed."


class TrainingForbiddenError(ForbiddenError):
    code = "training-forbidden"
    title = "This centre does not allow its images to be used for training."


class RateError(InvalidInputError):
    code = "rate-invalid"
    title = "An hour of a processor costs something between 0 and 1,000."
