"""What is known of input images at submit: their URLs' text, without any look-up."""

from __future__ import annotations

from collections.abc import Sequence

from cavendish.egress import urls
from cavendish.egress.addresses import Network
from cavendish.egress.failures import UrlRefused
from cavendish.errors import InvalidInput
from cavendish.inputs.stored import StoredUrls
from cavendish.models import FieldNames


def check(
    input_image_urls: Sequence[str], *, stored: StoredUrls, allow_networks: Sequence[Network], names: FieldNames
) -> None:
    """Refuse what no worker could ever fetch. The service's own pictures pass, wherever it runs.

    Args:
        names: The caller's words.

    Raises:
        InvalidInput: a URL is malformed, has a forbidden scheme or port, or a literal address that is not public.
    """
    for index, url in enumerate(input_image_urls):
        try:
            parsed = urls.parse(url)
            if stored.name(parsed) is None:
                urls.check_literal(parsed, allow_networks)
        except UrlRefused as exc:
            where = names.input_image.format(index=index, number=index + 1)
            raise InvalidInput(f"{where} {exc.reason}") from exc
