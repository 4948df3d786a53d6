"""What is refused about appointments."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class AppointmentTermsError(InvalidInputError):
    code = "appointment-terms"
    title = "An appointment lacks something, or has a value that cannot be kept."


class ScheduleFormatError(InvalidInputError):
    code = "schedule-format"
    title = "This file or message of appointments cannot be read."


class AppointmentNotFoundError(NotFoundError):
    code = "appointment-not-found"
    title = "There is no such appointment."


class UnmatchedNotFoundError(NotFoundError):
    code = "unmatched-not-found"
    title = "This study does not wait for an appointment."


class AppointmentTakenError(ConflictError):
    code = "appointment-taken"
    title = "Another study belongs to this appointment already."
