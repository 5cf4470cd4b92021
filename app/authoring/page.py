"""The pages of an author's own that a user may be sent to."""

from app.auth.urls import check_https_url


def page_url(url: str) -> str:
    """Raises: ValueError, if it is none to send anybody to."""
    try:
        return check_https_url(url)
    except ValueError as error:
        raise ValueError(f"the URL of ask.visit {error}") from None
