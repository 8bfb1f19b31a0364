"""The durable queue: PgQueuer's jobs, our fairness on top. A job is only a wake-up; `generations` is the truth."""
