"""Texts of a preview, to the researcher who looks at it; participants never read it."""

REFUSED = "Previews are for whoever has signed in to the dashboard."
NO_PAGE = "This study has no such page any more. Choose another one in the dashboard."
UNREADABLE = "The study file cannot be read in this language: {error}."
MARK = (
    '<div class="mx-preview" role="note"><b>Preview</b> '
    "<span>As a participant sees it. Nothing is stored.</span></div>"
)
