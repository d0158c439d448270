"""The report as PDF by WeasyPrint: fonts embedded, tagged (PDF/UA-1), bookmarked, and always the same bytes for the same report.

Nothing is fetched, whatever a page asks for. Making one takes seconds, so that a server lets
another process do it (``web.pdf_process``).
"""

from __future__ import annotations

import warnings
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.diagnostics import Finding, InputError

if TYPE_CHECKING:
    from weasyprint import Document  # type: ignore[import-untyped, unused-ignore]

NEEDED = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
LONGEST = 800_000
"""Characters of a page that become a PDF; a report of all packs has some 150,000."""


class PdfUnavailable(InputError):
    """No PDF can be made here; the finding says what to install, or that the report is too long."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__([Finding("PDF", 0, 0, code, message, hint)])


def pdf(page: str) -> bytes:
    """The PDF of a page that carries its own style. Raises PdfUnavailable."""
    if len(page) > LONGEST:
        raise PdfUnavailable("pdf-too-long", "报告太长，不能做成 PDF", "请减少画像里的记录，或用网页版打印")
    html_of, fetcher = _weasyprint()

    class _Nothing(fetcher):  # type: ignore[valid-type, misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError(f"refused: {url[:80]}")

    identifier = sha256(page.encode()).digest()[:16]
    html = html_of(string=page, base_url=None, url_fetcher=_Nothing())
    made: bytes = html.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier, finisher=_all_glyphs)
    return made


def _weasyprint() -> tuple[Any, Any]:
    """Its classes for a page and for fetching. Raises PdfUnavailable with what is missing."""
    with warnings.catch_warnings():
        # Without a single font it only warns, and Pango crashes afterwards.
        warnings.filterwarnings("error", message="No fonts configured|FontConfig cannot load")
        try:
            from weasyprint import HTML  # type: ignore[import-untyped, unused-ignore]
            from weasyprint.urls import URLFetcher  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            hint = "运行 pip install weasyprint"
            raise PdfUnavailable("pdf-no-weasyprint", "没有安装 WeasyPrint，不能做 PDF", hint) from None
        except OSError:
            message = "缺少排版用的系统库（Pango），不能做 PDF"
            hint = f"运行 scripts/install-web-libs，或用 apt 安装 {NEEDED}"
            raise PdfUnavailable("pdf-no-pango", message, hint) from None
        except UserWarning:
            raise _no_font() from None
    return HTML, URLFetcher


def _no_font() -> PdfUnavailable:
    hint = "运行 scripts/install-web-libs，或用 apt 安装 fonts-noto-cjk"
    return PdfUnavailable("pdf-no-font", "没有中文字体，不能做 PDF", hint)


def _all_glyphs(document: Document, _: object) -> None:
    """Refuses a PDF with boxes in place of Chinese."""
    missing = {chr(point) for font in document.fonts.values() for point in font.missing}
    if any("\u4e00" <= char <= "\u9fff" for char in missing):
        raise _no_font()
