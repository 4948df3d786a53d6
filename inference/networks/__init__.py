"""Networks: manifests, adapters and scoring, in pure NumPy; one kind of network a file. Imports no Django."""
