"""Pages for what goes wrong: Chinese, with a next step, never a trace. The API answers for itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.diagnostics import InputError
from web.texts import gettext as _

_LOG = logging.getLogger(__name__)
API = "/api/"


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says: the title, why, and what to do next."""

    title: str
    why: str
    next: str


PAGES = {
    400: Told(
        _("这个请求看不懂"),
        _("页面带来的内容不完整，可能是页面打开太久，或被改动过。"),
        _("请返回上一页重试；不行就从首页重新开始。"),
    ),
    401: Told(
        _("需要重新登录"),
        _("登录已经过期，或在别处退出了。"),
        _("请在新的标签页里登录，再回到这里重试，填写的内容还在。"),
    ),
    403: Told(_("没有这项权限"), _("您的角色不能做这件事。"), _("需要时请联系管理员。")),
    404: Told(_("没有这个页面"), _("地址可能写错了，或页面已经移走。"), _("请从首页开始。")),
    405: Told(
        _("这个页面要从前一页进入"),
        _("本站不保存填写的内容，页面之间靠表单传递。"),
        _("请从首页开始，或上传保存过的画像。"),
    ),
    409: Told(
        _("别人刚刚改过"),
        _("您打开页面以后，别人在同一处写了新的内容，所以没有保存，免得互相覆盖。"),
        _("请返回上一页，重新打开看看新的内容，再决定是否修改。"),
    ),
    410: Told(
        _("内容已经清除"),
        _("这里的内容按规定清除了，只留下曾经有过的记录。"),
        _("需要时请联系本中心的负责人。"),
    ),
    413: Told(
        _("内容太大"),
        _("上传的文件或填写的内容超过了上限。"),
        _("请把文件拆小；整份名单请用命令行的 huiqi batch。"),
    ),
    429: Told(
        _("操作太快了"),
        _("短时间内的请求太多。"),
        _("请过一分钟再试；填写的内容还在上一页，返回即可。"),
    ),
    500: Told(
        _("本站出错了"),
        _("程序内部出错，不是您填写有误。"),
        _("请返回上一页重试；一再出现时请联系本站的管理人员。"),
    ),
}
"""By status; of another status the nearest hundred is used."""


def install(app: Flask) -> None:
    """Answer errors outside the API with pages."""
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InputError, _input)
    app.register_error_handler(Exception, _fault)


def told(status: int) -> Told:
    """What the page for a status says."""
    return PAGES.get(status) or PAGES[500 if status >= 500 else 400]


def _page(status: int, why: str = "") -> Response:
    page = told(status)
    text = render_template("site/error.html", page=page, why=why or page.why, status=status)
    return make_response(text, status)


def _forged(error: CSRFError) -> Response:
    return _page(400, _("页面打开太久，或浏览器没有接受本站的 Cookie，表单已经失效。"))


def _http(error: HTTPException) -> Response:
    """Redirects and the like pass; words of our own are shown, the library's English is not."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    description = error.description or ""
    response = _page(status, description if not description.isascii() else "")
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _input(error: InputError) -> Response:
    """The profile that a page carried cannot be read: it did not come from our own form."""
    first = error.findings[0]
    return _page(400, _("带来的资料有问题：%s") % f"{first.message}{'。' if first.hint else ''}{first.hint}")


def _fault(error: Exception) -> Response:
    """Told to the log by its kind and place; what it says may quote the visitor."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    _LOG.error("%s at %s: %s", request.endpoint, frames[-1] if frames else "?", type(error).__name__)
    return _page(500)
