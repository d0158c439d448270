"""Makes notice.pdf beside it from notice.txt: ``python -m tests.drafting.notice.make_pdf``; needs WeasyPrint and a Chinese font."""

from __future__ import annotations

from html import escape
from pathlib import Path

HERE = Path(__file__).parent
STYLE = """
@page { size: A4; margin: 3cm; @bottom-center { content: "— " counter(page) " —" } }
body { font: 14pt/1.8 "Noto Serif CJK SC", serif } p { margin: 0; text-indent: 2em; text-align: justify }
"""


def main() -> None:
    """Write the file."""
    from weasyprint import HTML

    lines = (HERE / "notice.txt").read_text("utf-8").splitlines()
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    HTML(string=f"<html lang=zh><style>{STYLE}</style><body>{body}</body></html>").write_pdf(HERE / "notice.pdf")


if __name__ == "__main__":
    main()
