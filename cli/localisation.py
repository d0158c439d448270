"""click in Chinese, whatever the locale is.

click looks up its own sentences with gettext. The catalogue ``locale/zh_CN/LC_MESSAGES/huiqi.po`` holds them
all (a test compares it with the installed click). LANGUAGE is what gettext asks first, also where LANG=C.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "huiqi"


def speak_chinese() -> None:
    """Make every message of click Chinese in this process."""
    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
