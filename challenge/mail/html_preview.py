"""An email's HTML shown in a browser, from a URL of its own inside a frame of our page."""

from django.http import HttpResponse

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def sandboxed_html_response(html: str) -> HttpResponse:
    """Return the HTML under a policy that allows its inline styles and nothing else."""
    response = HttpResponse(html)
    # django-csp leaves a policy alone that the response already has.
    response["Content-Security-Policy"] = SANDBOX
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
