"""The two ways in which a command ends badly on purpose; anything else is a bug and shows its traceback."""


class UserError(Exception):
    """Wrong command line, config or input: the message is all the user needs. Exit code 2."""


class RunError(Exception):
    """A run that was set up rightly and failed all the same. Exit code 1."""
