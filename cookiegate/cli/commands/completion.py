"""`cookiegate completion`: the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from cookiegate.cli.group import COMPLETE, NAME, cli

__all__ = ["completion"]

_SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the script that completes commands, options, categories and cookie names.

    \b
    bash  eval "$(cookiegate completion bash)" in ~/.bashrc
    zsh   eval "$(cookiegate completion zsh)" in ~/.zshrc
    fish  cookiegate completion fish > ~/.config/fish/completions/cookiegate.fish
    """
    click.echo(_SHELLS[shell](cli, {}, NAME, COMPLETE).source())
