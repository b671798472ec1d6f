"""`python -m gan_style`."""

from gan_style.cli.main import main

main()
