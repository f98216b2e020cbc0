"""The servers that are measured: the product, and those beside it. Each is started alone, on a core of its own."""
