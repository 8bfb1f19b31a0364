"""What is known of input images at submit: their URLs' text, without any look-up."""

from __future__ import annotations

from collections.abc import Sequence

from cavendish.egress import urls
from cavendish.egress.addresses import Network
from cavendish.egress.failures import UrlRefused
from cavendish.errors import InvalidInput
from cavendish.inputs.stored import StoredUrls, reference
from cavendish.models import FieldNames


def check(
    input_image_urls: Sequence[str], *, stored: StoredUrls, allow_networks: Sequence[Network], names: FieldNames
) -> tuple[str, ...]:
    """Refuse what no worker could ever fetch. What is kept: the URLs, and of the service's own pictures the names.

    Its own pass wherever it runs, and stay readable when it is called by another address afterwards.

    Args:
        names: The caller's words.

    Raises:
        InvalidInput: a URL is malformed, has a forbidden scheme or port, or a literal address that is not public.
    """
    kept = []
    for index, url in enumerate(input_image_urls):
        try:
            parsed = urls.parse(url)
            name = stored.name(parsed)
            if name is None:
                urls.check_literal(parsed, allow_networks)
            kept.append(url if name is None else reference(name))
        except UrlRefused as exc:
            where = names.input_image.format(index=index, number=index + 1)
            raise InvalidInput(f"{where} {exc.reason}") from exc
    return tuple(kept)
