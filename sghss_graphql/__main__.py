"""``python -m sghss_graphql`` is the command ``sghss-graphql``."""

from sghss_graphql.cli import main

main()
