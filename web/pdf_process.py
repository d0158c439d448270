"""A PDF made by another process: whoever waits for it goes on, and the work has bounds that hold.

Run as a module it reads a page on standard input and writes the PDF; a problem goes to standard error as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading

from web.pdf import PdfUnavailable, pdf

SECONDS = 60
"""After which a PDF is given up. A report of all packs takes 2 to 5 seconds of one core."""
MEMORY = 2 * 1024**3
"""Bytes of address space; a report of all packs needs a quarter of it."""
WAIT = 15
"""Seconds that a request waits for the one before it."""
REFUSED = 3
_ONE = threading.Lock()


def made(page: str) -> bytes:
    """The PDF of ``page``; one at a time in this process. Raises PdfUnavailable."""
    if not _ONE.acquire(timeout=WAIT):
        raise PdfUnavailable("pdf-busy", "正在做别的 PDF", "请过一会儿再试，或用网页版打印")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "web.pdf_process"],
            input=page.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except subprocess.TimeoutExpired:
        raise PdfUnavailable("pdf-slow", "报告太长，没能在一分钟内做成 PDF", "请用网页版打印") from None
    finally:
        _ONE.release()
    if done.returncode == REFUSED:
        raise PdfUnavailable(**json.loads(done.stderr))
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        raise PdfUnavailable("pdf-failed", "PDF 没有做成", "请用网页版打印")
    return done.stdout


def main() -> int:
    """Standard input to standard output, politely and within bounds."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        sys.stdout.buffer.write(pdf(sys.stdin.buffer.read().decode()))
    except PdfUnavailable as error:
        (finding,) = error.findings
        sys.stderr.write(json.dumps({"code": finding.code, "message": finding.message, "hint": finding.hint}))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
