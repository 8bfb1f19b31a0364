"""HTTP: what every route needs, dialects, the REST API, documents, pages. Meets the workers only in the database."""
