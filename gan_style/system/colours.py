"""The colours of plots."""

INK, SOFT, LINE = "#24211c", "#6d675c", "#e5e0d5"
HUES = (
    "#3f7ea6",
    "#c47f2c",
    "#5f9140",
    "#9a5fae",
    "#c9566f",
    "#2f9b8d",
    "#8d7d3b",
    "#6b78cf",
    "#b8699a",
    "#7f8b99",
)
