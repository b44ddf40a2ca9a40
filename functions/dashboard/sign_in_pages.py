"""The pages of signing in: plain words in a browser, a problem document for programs."""

from html import escape
from http import HTTPStatus
from typing import Final

from flask import Request, Response

from risksentinel.http.problems import answer_error, problem_of
from risksentinel.http.requests import id_of

_PROBLEM: Final = "application/problem+json"
_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  {head}<title>{title}</title>
</head>
<body>
  <h1>{title}</h1>
  <p>{text}</p>
  <p><a href="{to}">{link}</a></p>
</body>
</html>
"""


def signed_in_page(to: str) -> Response:
    """The page after a sign-in, which goes on to `to` by itself.

    A redirect of the issuer's request would not carry the new cookie, because that request came
    from another site; a request of this page does.
    """
    head = f'<meta http-equiv="refresh" content="0; url={escape(to)}">\n  '
    return _page(HTTPStatus.OK, "Signed in", "You are signed in.", to, "Continue", head)


def refusal(error: Exception, request: Request) -> Response:
    """The response to a sign-in that failed."""
    problem = answer_error(error, id_of(request))
    accepted = request.accept_mimetypes.best_match([_PROBLEM, "application/json", "text/html"])
    if accepted != "text/html":
        return problem
    found = problem_of(error)
    page = _page(found.status, found.title, found.detail, "/sign-in", "Sign in again")
    page.headers.extend(found.headers)
    return page


def _page(
    status: HTTPStatus, title: str, text: str, to: str, link: str, head: str = ""
) -> Response:
    parts = {"title": escape(title), "text": escape(text), "to": escape(to), "link": escape(link)}
    response = Response(_PAGE.format(head=head, **parts), int(status), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
