"""PostgreSQL: the embedded cluster, the pool, migrations. Only this package commits."""
