"""`cookiegate completion`: what makes a shell complete the command."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from cookiegate.cli.group import COMPLETE, NAME, cli

__all__ = ["completion"]

_SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print what makes a shell complete the command, categories and names included.

    \b
    bash  eval "$(cookiegate completion bash)" in ~/.bashrc
    zsh   eval "$(cookiegate completion zsh)" in ~/.zshrc
    fish  cookiegate completion fish > ~/.config/fish/completions/cookiegate.fish
    """
    click.echo(_SHELLS[shell](cli, {}, NAME, COMPLETE).source())
