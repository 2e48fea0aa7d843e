"""What a caller of the registry may be allowed to do (权限)."""

from enum import StrEnum


class Scope(StrEnum):
    """The closed set of the registry's scopes."""

    DIVISIONS_READ = "divisions:read"
    DIVISIONS_WRITE = "divisions:write"
    VILLAGES_READ = "villages:read"
    VILLAGES_WRITE = "villages:write"
    HOUSEHOLDS_READ = "households:read"
    HOUSEHOLDS_WRITE = "households:write"
    MEMBERS_FIND = "members:find"
    PERSONAL_DATA_REVEAL = "personal-data:reveal"
    FACTS_READ = "facts:read"
    IMPORTS_WRITE = "imports:write"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
    EVENTS_READ = "events:read"
