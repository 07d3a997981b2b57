"""Personal links: for each address of a list, one link for one participant.

A personal link is the study's link with a code. The link contains the code in the parameter that
would otherwise hold a panel's identifier for the participant. Nothing is stored when links are
made, and the addresses are never stored. The code is a keyed hash of the address, so that the same
list gives the same links. Only the laboratory's file shows which code belongs to which address.
"""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlencode

import pandas as pd

from mixtrial.exports.csv_text import as_csv
from mixtrial.server.installation import Installation

CODE_DIGITS = 20
MOST_ADDRESSES = 5_000
MOST_SIGNS = 254
"""Of an address (RFC 5321); of whatever else tells people apart, too."""


class AddressesError(ValueError):
    """A list from which no links can be made; the message is one sentence for the researcher."""


def addresses_in(text: str) -> list[str]:
    """The different addresses in a list; line breaks, commas, semicolons or tabs separate them.

    Raises
    ------
    AddressesError
        The list has no address, it has too many addresses, or an address is too long.
    """
    for sign in ",;\t\r":
        text = text.replace(sign, "\n")
    found = {each.strip().lower(): each.strip() for each in text.split("\n") if each.strip()}
    if not found:
        raise AddressesError("The list has no address.")
    if len(found) > MOST_ADDRESSES:
        raise AddressesError(
            f"The list has {len(found)} addresses, but at most {MOST_ADDRESSES} are possible."
        )
    longest = max(found.values(), key=len)
    if len(longest) > MOST_SIGNS:
        raise AddressesError(
            f"An address can have at most {MOST_SIGNS} characters, not {len(longest)}."
        )
    return list(found.values())


def addresses_of_file(content: bytes) -> list[str]:
    """Addresses in a text file or a table: entries with an @; without any, each line's first entry.

    Raises
    ------
    AddressesError
        The file is not text in UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AddressesError("The file is not a text in UTF-8; save it as CSV UTF-8.") from None
    if "\0" in text:
        raise AddressesError("The file is not a text; save it as CSV UTF-8.")
    lines = [[cell.strip(' "<>') for cell in re.split(r"[,;\t]", line)]
             for line in text.splitlines() if line.strip()]  # fmt: skip
    with_at = [cell for line in lines for cell in line if "@" in cell]
    return with_at or [line[0] for line in lines]


def personal_links(installation: Installation, link: str, text: str) -> str:
    """CSV with the columns address and link, in the order of the list.

    Raises
    ------
    AddressesError
        The list cannot be used, or the study cannot identify people by a link.
    """
    parameter = installation.study.recruitment.participant
    if parameter is None:
        raise AddressesError(
            "The study has no parameter that identifies participants. Name a parameter in "
            "study.yaml: recruitment: {participant: pid}."
        )
    rows = [
        {
            "address": address,
            "link": f"{link}?{urlencode({parameter: _code(installation, address)})}",
        }
        for address in addresses_in(text)
    ]
    return as_csv(pd.DataFrame(rows))


def _code(installation: Installation, address: str) -> str:
    said = f"invited.{installation.study.identifier}.{address.lower()}".encode()
    return hmac.digest(installation.blinding_key, said, "sha256").hex()[:CODE_DIGITS]
