"""Pages as somebody reads them."""

from django.test import Client


def text(client: Client, url: str) -> str:
    """What a page answers, in which no number is broken."""
    response = client.get(url)
    assert response.status_code == 200, url
    body = response.content.decode()
    assert "NaN" not in body
    assert "Infinity" not in body
    return body
