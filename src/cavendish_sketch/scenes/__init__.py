"""One file per kind of scene: each lays a whole picture on a sheet."""
