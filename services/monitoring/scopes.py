"""What a caller of monitoring may be allowed to do (权限)."""

from enum import StrEnum


class Scope(StrEnum):
    """The closed set of the scopes of monitoring."""

    ZERO_OUT_ITEMS_READ = "zero-out-items:read"
    ZERO_OUT_ITEMS_SIGN_OFF = "zero-out-items:sign-off"
    ZERO_OUT_ITEMS_JUDGE = "zero-out-items:judge"
    EVENTS_READ = "events:read"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
