"""Texts of a preview for researchers; participants never see them."""

REFUSED = "Previews are for whoever has signed in to the dashboard."
NO_PAGE = "This study has no such page any more. Choose another one in the dashboard."
UNREADABLE = "The study file cannot be read in this language. {error}"
MARK = (
    '<div class="mx-preview" role="note"><b>Preview</b> '
    "<span>As a participant sees it. Nothing is stored.</span></div>"
)
