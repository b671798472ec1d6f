"""`python -m gan_style`, and the command `gan-style`."""

import sys


def main() -> None:
    try:
        from gan_style.cli.main import main as command
    except KeyboardInterrupt:  # while the imports take their time
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
