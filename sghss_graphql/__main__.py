"""``python -m sghss_graphql`` is the command ``sghss-graphql``."""

from sghss_graphql.comando.cli import main

main()
