"""``python -m mixtrial``: the command, for shells where the script is not on the path."""

from mixtrial.commands.cli import main

main()
