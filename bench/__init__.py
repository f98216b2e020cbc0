"""How fast the product is beside its peers: one command, the product's own tables, ratios in one run."""
