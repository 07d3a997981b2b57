"""Entry point of ``python -m mixtrial``, for shells that do not find the command ``mixtrial``."""

from mixtrial.commands.cli import main

main()
