"""`python -m gan_style`."""

from gan_style.cli import main

main()
