"""What ``sghss-graphql`` does."""
