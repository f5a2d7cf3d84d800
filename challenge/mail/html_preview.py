"""An email's HTML in a browser: from its own address, framed by our page, and able to do nothing."""

from django.http import HttpResponse

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def sandboxed_html_response(html: str) -> HttpResponse:
    """The HTML under a policy of its own: styles inside it, and nothing else at all."""
    response = HttpResponse(html)
    response._csp_exempt = True  # type: ignore[attr-defined]  # django-csp keeps the policy set here
    response["Content-Security-Policy"] = SANDBOX
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
