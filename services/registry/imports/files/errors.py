"""Error values of spreadsheets: in cells of their own type, and as text where they were pasted."""

import re

from services.registry.imports.files.tables import Special, cut

# All that there are and that newer programs may add: #N/A, #REF!, #NAME?, #SPILL!, #GETTING_DATA, …
_ERROR = re.compile(r"#(?:N/A(?:!| N/A)?|GETTING_DATA|[A-Z][A-Z0-9_/ ]{0,20}[!?])")


def is_error(text: str) -> bool:
    """Tell whether a text is what a spreadsheet shows for an error."""
    return _ERROR.fullmatch(text.strip().upper()) is not None


def error_refused(written: str) -> Special:
    """Return what stands in the place of an error."""
    error = cut(written.strip())
    return ("refused", "cell-error", error, {"error": error})
