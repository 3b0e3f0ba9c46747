"""Text from outside that is shown, without control characters."""

from __future__ import annotations

from typing import Annotated

import msgspec

_MAX_LINE = 20_000
#: Characters that move the cursor, end the line, hide or reorder text, or have no UTF-8.
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
Line = Annotated[str, msgspec.Meta(pattern=rf"^[^\t\n{_CONTROLS}]*\Z", max_length=_MAX_LINE)]
Text = Annotated[str, msgspec.Meta(pattern=rf"^[^{_CONTROLS}]*\Z")]
