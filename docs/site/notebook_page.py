"""Tutorial: the notebook with the outputs that it was kept with."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[1] / "analyse-ratings.ipynb"


def page() -> str:
    """Its cells in their order: text, code, and what the code answered."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join(_told(cell) for cell in cells) + "\n"


def _told(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    outputs = [_output(each) for each in cell["outputs"]]
    return "\n\n".join([f"```python\n{source}\n```", *outputs])


def _output(output: dict[str, Any]) -> str:
    """A text as it was printed; a picture as itself."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        picture = base64.b64encode("".join(data["image/svg+xml"]).encode()).decode()
        return f'<img alt="What the cell draws" src="data:image/svg+xml;base64,{picture}">'
    if "text/html" in data:
        return "".join(data["text/html"]).replace(' class="dataframe"', "")
    text = output.get("text") or data["text/plain"]
    return f"```text\n{''.join(text).rstrip()}\n```"
